/** How a gate waits, in words: until when, for how many, and for whom. */
import type { DecisionOut, GateStatus, GateSummaryOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import type { ToneName } from "@/ui/Tone";
import { age } from "@/ui/time";

const SOON_SECONDS = 24 * 3600;

export interface Said {
  tone: ToneName;
  words: string;
}

export const GATE_STATUS: Record<GateStatus, Said> = {
  open: { tone: "wait", words: "Waiting" },
  approved: { tone: "good", words: "Approved" },
  rejected: { tone: "bad", words: "Rejected" },
  withdrawn: { tone: "rest", words: "Withdrawn" },
  expired: { tone: "rest", words: "Expired" },
};

/** When an answer is due; null where nobody waits or nothing is due. */
export function dueOf(gate: Pick<GateSummaryOut, "status" | "due_at" | "overdue">, now = Date.now()): Said | null {
  if (gate.status !== "open" || gate.due_at === null) return null;
  const left = (Date.parse(gate.due_at) - now) / 1000;
  if (gate.overdue || left < 0)
    return { tone: "bad", words: `Overdue since ${age(gate.due_at, now).replace(" ago", "")}` };
  return { tone: left < SOON_SECONDS ? "wait" : "rest", words: `Due ${age(gate.due_at, now)}` };
}

/** "1 of 2 approvals". */
export function quorumOf(gate: Pick<GateSummaryOut, "approvals" | "quorum">): string {
  return `${gate.approvals} of ${gate.quorum} ${gate.quorum === 1 ? "approval" : "approvals"}`;
}

/** A sentence of the API about the reader, said to the reader. */
export function toReader(sentence: string, email: string): string {
  for (const [verb, yours] of [
    ["has ", "You have "],
    ["is ", "You are "],
    ["", "You "],
  ] as const) {
    const start = `${email} ${verb}`;
    if (sentence.startsWith(start)) return yours + sentence.slice(start.length);
  }
  return sentence;
}

export function flowTitle(gate: GateSummaryOut): string {
  return gate.flow_name ?? `${gate.flow_type_title} ${gate.flow_id.slice(0, 8)}`;
}

/** "anna@x.example approved with 2 edits". */
export function voteWords(vote: Pick<DecisionOut, "actor" | "verdict" | "edits" | "counts" | "superseded">): string {
  const edits = vote.edits.length;
  const verb = vote.verdict === "approve" ? "approved" : "rejected";
  const how = edits === 0 ? "" : ` with ${counted(edits, "edit")}`;
  const note = vote.superseded ? "; the content was edited since" : vote.counts ? "" : "; this does not count";
  return `${vote.actor} ${verb}${how}${note}`;
}

/** "a", "a or b", "a, b or 3 others". */
export function anyOf(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? "";
  const shown = names.length > most ? names.slice(0, most) : names.slice(0, -1);
  const rest = names.length > most ? `${names.length - most} others` : names[names.length - 1];
  return `${shown.join(", ")} or ${rest}`;
}
