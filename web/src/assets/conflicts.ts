/** Contradictions between sources: what each says, and what is asked for. */
import type { ConflictOut, FactOut } from "@/api/schema";
import { one, type PageSearch } from "@/ui/search";

export interface ConflictFilter {
  needs_review?: boolean;
  asset?: string;
  field?: string;
}

export function conflictFilter(search: PageSearch): ConflictFilter {
  const filter: ConflictFilter = {};
  const state = one(search, "state");
  if (state === "open") filter.needs_review = true;
  if (state === "settled") filter.needs_review = false;
  const asset = one(search, "asset");
  const field = one(search, "field");
  if (asset) filter.asset = asset;
  if (field) filter.field = field;
  return filter;
}

export interface Candidate {
  value: string;
  facts: FactOut[];
  isShown: boolean;
}

/** The values of a conflict, each once with every source that states it; the one that is shown comes first. */
export function candidates({ values, preferred }: ConflictOut): Candidate[] {
  const found = new Map<string, FactOut[]>();
  for (const fact of values) found.set(fact.value, [...(found.get(fact.value) ?? []), fact]);
  return [...found]
    .map(([value, facts]) => ({ value, facts, isShown: value === preferred }))
    .sort((left, right) => Number(right.isShown) - Number(left.isShown));
}

/** The conflict to look at next: the one after this that a person still has to decide, else the first such. */
export function nextOpen(conflicts: readonly ConflictOut[], id: string): ConflictOut | undefined {
  const at = conflicts.findIndex((conflict) => conflict.id === id);
  const isOpen = (conflict: ConflictOut) => conflict.needs_review && conflict.id !== null && conflict.id !== id;
  return conflicts.slice(at + 1).find(isOpen) ?? conflicts.slice(0, Math.max(at, 0)).find(isOpen);
}
