/** Which flows of the list are chosen for a command: some of its rows, or all that match its filters. */
import { useMutation } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api } from "@/api/client";
import type { FlowsOut } from "@/api/schema";
import type { Selection } from "@/ui/DataTable";
import type { FlowsQuery } from "./filters";

const MOST_CHOSEN = 10_000;
const PAGE = 200;

const NONE: ReadonlySet<string> = new Set();

/** A choice is for the filters it was made under: others begin with none. */
export function useChosen(loaded: readonly string[], query: FlowsQuery) {
  const filters = JSON.stringify(query);
  const [choice, setChoice] = useState({ filters, keys: NONE });
  const selected = choice.filters === filters ? choice.keys : NONE;
  const setSelected = useCallback((keys: ReadonlySet<string>) => setChoice({ filters, keys }), [filters]);
  const everything = useMutation({
    mutationFn: () => allThatMatch(query),
    onSuccess: (ids) => setSelected(new Set(ids)),
  });
  const isEverything = everything.isSuccess && selected.size >= (everything.data?.length ?? 0);
  const selection: Selection = useMemo(
    () => ({
      selected,
      toggle: (key) => setSelected(toggled(selected, key)),
      toggleAll: () => setSelected(loaded.every((key) => selected.has(key)) ? new Set() : new Set(loaded)),
    }),
    [selected, loaded, setSelected],
  );
  return { selection, ids: [...selected], clear: () => setSelected(NONE), everything, isEverything };
}

function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** The ids of every flow that the filters meet, as far as one command may reach. */
async function allThatMatch(query: FlowsQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: FlowsOut | undefined = await pageOf(query, cursor);
    ids.push(...(page?.items.map((flow) => flow.flow_id) ?? []));
    cursor = page?.cursor ?? null;
  } while (cursor && ids.length < MOST_CHOSEN);
  return ids.slice(0, MOST_CHOSEN);
}

async function pageOf(query: FlowsQuery, cursor: string | null): Promise<FlowsOut | undefined> {
  const { data } = await api.GET("/api/v1/flows", {
    params: { query: { ...query, limit: PAGE, cursor } },
  });
  return data;
}
