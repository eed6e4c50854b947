/** A draft of an answer to a gate: its edits, what was looked at, and the way back step by step. Pure. */
import { type Edits, NO_EDITS } from "./edits";

/** How many steps can be undone. */
const MOST_STEPS = 30;

interface State {
  edits: Edits;
  /** Rows that the person looked at and left as they are. */
  accepted: readonly string[];
}

export interface Draft extends State {
  /** What was before each step, the last step last. */
  past: readonly State[];
  /** What was undone, the last undone last. */
  future: readonly State[];
}

export const EMPTY: Draft = { edits: NO_EDITS, accepted: [], past: [], future: [] };

/** The draft after a step; a step that changes nothing is none. */
export function stepped(draft: Draft, change: Partial<State>): Draft {
  const now = stateOf(draft);
  const next = { ...now, ...change };
  if (JSON.stringify(next) === JSON.stringify(now)) return draft;
  return { ...next, past: [...draft.past, now].slice(-MOST_STEPS), future: [] };
}

export function undone(draft: Draft): Draft {
  const last = draft.past.at(-1);
  return last ? { ...last, past: draft.past.slice(0, -1), future: [...draft.future, stateOf(draft)] } : draft;
}

export function redone(draft: Draft): Draft {
  const next = draft.future.at(-1);
  return next ? { ...next, past: [...draft.past, stateOf(draft)], future: draft.future.slice(0, -1) } : draft;
}

function stateOf({ edits, accepted }: Draft): State {
  return { edits, accepted };
}

/** Where a person's draft for one content of a gate is kept; another content has another draft. */
export function storageKey(gateId: string, contentHash: string, person: string): string {
  return `mf-draft:${person}:${gateId}:${contentHash}`;
}

/** A draft as it was kept; anything else starts anew. */
export function parseDraft(text: string | null): Draft {
  if (text === null) return EMPTY;
  try {
    const kept: unknown = JSON.parse(text);
    if (isDraft(kept)) return kept;
  } catch {
    // Not written by this version: the draft starts anew.
  }
  return EMPTY;
}

function isDraft(value: unknown): value is Draft {
  return isState(value) && [get(value, "past"), get(value, "future")].every(isListOf(isState));
}

function isState(value: unknown): value is State {
  return isEdits(get(value, "edits")) && isListOf((one) => typeof one === "string")(get(value, "accepted"));
}

function isEdits(value: unknown): value is Edits {
  return isRecordOf(value, (row) => isRecordOf(row, (edit) => typeof edit === "object" && edit !== null));
}

function isRecordOf(value: unknown, holds: (one: unknown) => boolean): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(holds);
}

function isListOf(holds: (one: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(holds);
}

function get(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
