/** What the edits so far would come to, asked of the server that will judge them. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import type { Preview } from "./cells";
import { cellsOf, countOf, type Edits } from "./edits";

/** The first edit is asked about at once, a quick row of them when it rests. */
const REST_MS = 350;

export interface PreviewState {
  preview: Preview | null;
  error: unknown;
  /** What is shown is not yet of the last edit. */
  isOld: boolean;
  retry(): void;
}

export function usePreview(gate: GateOut, edits: Edits): PreviewState {
  const [settled] = useDebouncedValue(edits, REST_MS, { leading: true });
  const asks = gate.status === "open" && countOf(settled) > 0;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["preview", gate.id, gate.content_hash, settled],
    queryFn: ({ signal }) => previewOf(gate, settled, signal),
    enabled: asks,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const retry = () => void refetch();
  if (countOf(edits) === 0) return { preview: null, error: null, isOld: false, retry };
  return { preview: asks ? (data ?? null) : null, error, isOld: settled !== edits || isFetching, retry };
}

async function previewOf(gate: GateOut, edits: Edits, signal: AbortSignal): Promise<Preview> {
  const { data } = await api.POST("/api/v1/gates/{gate_id}/preview", {
    params: { path: { gate_id: gate.id } },
    body: { edits: cellsOf(edits), content_hash: gate.content_hash },
    signal,
  });
  if (!data) throw new Error("the preview has no content");
  return data;
}
