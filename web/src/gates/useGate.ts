/** The gate of a page, and the open gates of a phase. */
import { $api } from "@/api/client";
import type { GateSummaryOut } from "@/api/schema";

export function useGate(gateId: string | undefined) {
  return $api.useQuery(
    "get",
    "/api/v1/gates/{gate_id}",
    { params: { path: { gate_id: gateId ?? "" } } },
    { enabled: gateId !== undefined },
  );
}

/** Gates that wait in a phase, the newest first. */
export function useOpenGates(phase: string): GateSummaryOut[] {
  const { data } = $api.useQuery("get", "/api/v1/gates", { params: { query: { status: "open" } } });
  return (data?.items ?? [])
    .filter((gate) => gate.phase === phase)
    .sort((a, b) => b.opened_at.localeCompare(a.opened_at));
}
