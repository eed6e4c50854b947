/** How far a flow is. */
import type { ListedFlowOut } from "@/api/schema";

type Position = Pick<ListedFlowOut, "status" | "phase_index" | "phase_count" | "progress">;

/** The phase that a flow is at, counted from 1; the last one once it has completed. At a gate, its phase is behind. */
export function phaseNumber(flow: Position): number {
  const isAtGate = flow.status === "waiting_for_approval";
  return Math.max(1, Math.min(isAtGate ? flow.phase_index : flow.phase_index + 1, flow.phase_count));
}

/** The share that is done, from 0 to 1: phases that are behind, and what the one that runs says of itself. */
export function shareDone(flow: Position): number {
  if (flow.status === "completed") return 1;
  if (flow.phase_count === 0) return 0;
  const within = flow.progress && flow.progress.total > 0 ? Math.min(1, flow.progress.done / flow.progress.total) : 0;
  return (flow.phase_index + within) / flow.phase_count;
}
