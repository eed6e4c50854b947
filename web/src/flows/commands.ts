/** What a person can do with a flow where it stands; `orchestrator/states.py` decides, this only hides the rest. */
import type { FlowOut, FlowStatus, FlowTypeOut, Operation } from "@/api/schema";

export type CommandName =
  | "execute"
  | "pause"
  | "pauseAtOnce"
  | "resume"
  | "retry"
  | "rollback"
  | "skip"
  | "cancel"
  | "delete"
  | "restore";

const NEEDS: Partial<Record<CommandName, Operation>> = { delete: "flows.delete", restore: "flows.delete" };

const BY_STATUS: Record<FlowStatus, readonly CommandName[]> = {
  initialized: ["execute", "cancel"],
  running: ["pause", "pauseAtOnce", "cancel"],
  waiting_for_approval: ["cancel"],
  waiting_for_input: ["cancel"],
  paused: ["resume", "cancel"],
  completed: ["rollback", "delete"],
  failed: ["retry", "skip", "rollback", "delete"],
  cancelled: ["delete"],
};

type Where = Pick<FlowOut, "status" | "deleted_at" | "pause_requested" | "current_phase" | "runs_here">;

export function commandsFor(flow: Where, type: FlowTypeOut | undefined, may: readonly Operation[]): CommandName[] {
  const possible = flow.deleted_at ? (["restore"] as const) : BY_STATUS[flow.status];
  const isOptional = type?.phases.find((phase) => phase.name === flow.current_phase)?.optional ?? false;
  return possible.filter((command) => {
    if (!may.includes(NEEDS[command] ?? "flows.run")) return false;
    if (command === "pause") return !flow.pause_requested;
    return command !== "skip" || isOptional;
  });
}

/** The phases that a flow can go back to: those it has reached. */
export function reachedPhases(
  flow: Pick<FlowOut, "phase_index">,
  type: FlowTypeOut | undefined,
): FlowTypeOut["phases"] {
  return (type?.phases ?? []).slice(0, flow.phase_index + 1);
}

/** The parts of a configuration that were edited. */
export function editsOf(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => sorted(value) !== sorted(before[name] ?? null)),
  );
}

/** JSON whose keys are in order, so that two values can be compared. */
function sorted(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
