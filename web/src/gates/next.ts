/** What an answer to a gate leads to, in a sentence, before it is given. */
import type { FlowTypeOut, GateSummaryOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { spoken } from "@/ui/words";

type Asking = Pick<GateSummaryOut, "phase" | "approvals" | "quorum" | "four_eyes">;
type Phases = Pick<FlowTypeOut, "phases">;

/** The sentences that follow an approval. */
export function afterApproval(gate: Asking, type: Phases | undefined, edits: number, noun = "edit"): string[] {
  const said: string[] = [];
  if (edits > 0) {
    said.push(
      edits === 1
        ? `Your ${noun} becomes part of the result.`
        : `Your ${counted(edits, noun)} become part of the result.`,
    );
    if (gate.approvals > 0) said.push("Approvals given so far were for other content and count no more.");
    if (gate.four_eyes) said.push("This gate needs four eyes: who edits leaves the approval to others.");
  }
  const counts = (edits > 0 ? 0 : gate.approvals) + (edits > 0 && gate.four_eyes ? 0 : 1);
  const missing = gate.quorum - counts;
  if (missing > 0)
    said.push(`The flow waits for ${missing === 1 ? "one more approval" : `${missing} more approvals`}, then goes on.`);
  else said.push(goesOn(gate.phase, type));
  return said;
}

function goesOn(phase: string, type: Phases | undefined): string {
  const index = type?.phases.findIndex(({ name }) => name === phase) ?? -1;
  if (!type || index < 0) return "The flow goes on.";
  const next = type.phases[index + 1];
  return next ? `The flow goes on with “${next.title}”.` : "This was the last phase: the flow completes.";
}

/** The sentences that follow a rejection; `to` null leaves the way back to the flow type. */
export function afterRejection(gate: Asking, type: Phases | undefined, to: string | null): string[] {
  const whole = gate.quorum > 1 ? ["One rejection refuses the proposal, whoever approved it."] : [];
  if (to === null) return [...whole, "The flow goes back, or waits for other input, as its type foresees."];
  const title = type?.phases.find(({ name }) => name === to)?.title ?? spoken(to);
  if (to === gate.phase) return [...whole, `“${title}” runs again and asks anew.`];
  return [...whole, `The flow goes back to “${title}” and makes everything from there on anew.`];
}

/** The phases that a rejection may lead to, nearest first. */
export function waysBack(phase: string, type: Phases | undefined): { value: string; label: string }[] {
  const index = type?.phases.findIndex(({ name }) => name === phase) ?? -1;
  return (type?.phases.slice(0, index + 1) ?? []).map(({ name, title }) => ({ value: name, label: title })).reverse();
}
