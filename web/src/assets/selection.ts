/** Which assets of the list are chosen: some by their ids, or all that the filter finds. */
import { useState } from "react";
import type { AssetOut, ChosenIn } from "@/api/schema";
import type { Selection } from "@/ui/DataTable";

export type Chosen = { all: true } | { all: false; ids: ReadonlySet<string> };

export const NONE: Chosen = { all: false, ids: new Set() };

export function countOf(chosen: Chosen, total: number): number {
  return chosen.all ? total : chosen.ids.size;
}

/** With one more row, or one less; who drops a row of all keeps the others that are loaded. */
export function withToggled(chosen: Chosen, id: string, loaded: readonly string[]): Chosen {
  const ids = new Set(chosen.all ? loaded : chosen.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: false, ids };
}

/** With every loaded row, or none when they all are chosen already. */
export function withAllToggled(chosen: Chosen, loaded: readonly string[]): Chosen {
  if (chosen.all || loaded.every((id) => chosen.ids.has(id))) return NONE;
  return { all: false, ids: new Set(loaded) };
}

/** The chosen assets as a command takes them. */
export function targetOf(chosen: Chosen, filter: ChosenIn): { filter: ChosenIn } | { ids: string[] } {
  return chosen.all ? { filter } : { ids: [...chosen.ids] };
}

/** The selection of a list; it is dropped when the list becomes another. */
export function useChosen(rows: readonly AssetOut[], filterKey: string) {
  const [state, setState] = useState<{ key: string; chosen: Chosen }>({ key: filterKey, chosen: NONE });
  const chosen = state.key === filterKey ? state.chosen : NONE;
  const setChosen = (next: Chosen) => setState({ key: filterKey, chosen: next });
  const loaded = rows.map(({ id }) => id);
  const selection: Selection = {
    selected: chosen.all ? new Set(loaded) : chosen.ids,
    toggle: (id) => setChosen(withToggled(chosen, id, loaded)),
    toggleAll: () => setChosen(withAllToggled(chosen, loaded)),
  };
  return { chosen, setChosen, selection };
}
