/** A person's draft of an answer, kept in this browser until the gate is decided: every page of the gate adds to it. */
import { useMemo, useSyncExternalStore } from "react";
import { useMe } from "@/session/me";
import { EMPTY, type Draft as Kept, parseDraft, redone, stepped, storageKey, undone } from "./draft";
import { type Change, type Edit, type Edits, withCell, withCells, withoutCell } from "./edits";

export interface Draft {
  edits: Edits;
  /** Rows that the person looked at and left as they are. */
  accepted: ReadonlySet<string>;
  canUndo: boolean;
  canRedo: boolean;
  set(row: string, field: string, edit: Edit): void;
  /** Let a cell hold again what it held. */
  putBack(row: string, field: string): void;
  accept(rows: readonly string[], isAccepted: boolean): void;
  /** Set several cells in one step. */
  add(changes: readonly Change[]): void;
  /** Change the edits in one step. */
  change(with_: (edits: Edits) => Edits): void;
  undo(): void;
  redo(): void;
  clear(): void;
}

/** The draft for one content of a gate; when the phase runs again the content differs and a new draft begins. */
export function useDraft(gateId: string, contentHash: string): Draft {
  const { email } = useMe();
  const key = storageKey(gateId, contentHash, email);
  const text = useSyncExternalStore(listen, () => localStorage.getItem(key));
  return useMemo(() => draftOf(key, parseDraft(text)), [key, text]);
}

function draftOf(key: string, { edits, accepted, past, future }: Kept): Draft {
  const update = (next: (was: Kept) => Kept) => keep(key, next(parseDraft(localStorage.getItem(key))));
  const change = (with_: (edits: Edits) => Edits) => update((was) => stepped(was, { edits: with_(was.edits) }));
  return {
    edits,
    accepted: new Set(accepted),
    canUndo: past.length > 0,
    canRedo: future.length > 0,
    set: (row, field, edit) => change((was) => withCell(was, row, field, edit)),
    putBack: (row, field) => change((was) => withoutCell(was, row, field)),
    accept: (rows, isAccepted) =>
      update((was) => {
        const others = was.accepted.filter((one) => !rows.includes(one));
        return stepped(was, { accepted: isAccepted ? [...others, ...rows] : others });
      }),
    add: (changes) => change((was) => withCells(was, changes)),
    change,
    undo: () => update(undone),
    redo: () => update(redone),
    clear: () => update(() => EMPTY),
  };
}

const listeners = new Set<() => void>();

function keep(key: string, draft: Kept): void {
  if (draft === EMPTY) localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(draft));
  for (const tell of listeners) tell();
}

/** Tells of what this page keeps, and of what other tabs do. */
function listen(tell: () => void): () => void {
  listeners.add(tell);
  window.addEventListener("storage", tell);
  return () => {
    listeners.delete(tell);
    window.removeEventListener("storage", tell);
  };
}
