/** What flows, their types and their phases are called. */
import type { FlowTypeOut, ListedFlowOut } from "@/api/schema";
import { dateAt } from "@/ui/time";
import { spoken } from "@/ui/words";

export type NamedFlow = Pick<ListedFlowOut, "flow_name" | "flow_type" | "created_at">;

export function titleOf(types: readonly FlowTypeOut[] | undefined, name: string): string {
  return types?.find((type) => type.name === name)?.title ?? spoken(name);
}

/** A flow's name; one without is called after its type and its day. */
export function nameOf(flow: NamedFlow, types: readonly FlowTypeOut[] | undefined): string {
  return flow.flow_name ?? `${titleOf(types, flow.flow_type)} of ${dateAt(flow.created_at)}`;
}

export function phaseTitle(type: FlowTypeOut | undefined, phase: string): string {
  return type?.phases.find((one) => one.name === phase)?.title ?? spoken(phase);
}
