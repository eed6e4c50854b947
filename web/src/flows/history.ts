/** The events of a flow in words. */
import type { EventOut } from "@/api/schema";
import type { ToneName } from "@/ui/Tone";
import { spoken } from "@/ui/words";

export const KINDS: Record<string, { words: string; tone: ToneName }> = {
  flow_created: { words: "Flow created", tone: "rest" },
  flow_registered: { words: "Flow registered", tone: "rest" },
  flow_started: { words: "Flow started", tone: "busy" },
  phase_completed: { words: "Phase completed", tone: "good" },
  phase_skipped: { words: "Phase skipped", tone: "wait" },
  phase_retried: { words: "Phase tried again after an error", tone: "wait" },
  phase_waits: { words: "Phase waits for something outside", tone: "wait" },
  input_asked: { words: "Input asked for", tone: "wait" },
  input_supplied: { words: "Input supplied", tone: "busy" },
  gate_voted: { words: "Vote at the gate", tone: "busy" },
  gate_edited: { words: "Result edited at the gate", tone: "busy" },
  gate_reminded: { words: "Approvers reminded", tone: "rest" },
  gate_approved: { words: "Gate approved", tone: "good" },
  gate_rejected: { words: "Gate rejected", tone: "bad" },
  gate_expired: { words: "Gate expired without an answer", tone: "bad" },
  pause_requested: { words: "Pause asked for", tone: "rest" },
  flow_paused: { words: "Flow paused", tone: "rest" },
  flow_resumed: { words: "Flow resumed", tone: "busy" },
  flow_retried: { words: "Flow retried", tone: "busy" },
  flow_rolled_back: { words: "Flow rolled back", tone: "wait" },
  flow_released: { words: "Handed to another worker", tone: "rest" },
  flow_rescued: { words: "Taken up again after a worker was lost", tone: "wait" },
  flow_upgraded: { words: "Moved to a newer version of its type", tone: "rest" },
  flow_completed: { words: "Flow completed", tone: "good" },
  flow_failed: { words: "Flow failed", tone: "bad" },
  flow_cancelled: { words: "Flow cancelled", tone: "rest" },
  flow_deleted: { words: "Flow deleted", tone: "rest" },
  flow_restored: { words: "Flow restored", tone: "rest" },
};

export function kindOf(kind: string): { words: string; tone: ToneName } {
  return KINDS[kind] ?? { words: spoken(kind), tone: "rest" };
}

/** What an event tells beside who, when and why. */
export function detailOf(event: EventOut, phaseTitle: (name: string) => string): string[] {
  const { data } = event;
  const said: string[] = [];
  const fields = texts(data.fields);
  if (fields.length > 0) said.push(`changed ${fields.map(plain).join(", ")}`);
  const missing = texts(data.missing);
  if (missing.length > 0) said.push(`missing ${missing.map(plain).join(", ")}`);
  const skipped = texts(data.skipped).filter((phase) => phase !== event.phase);
  if (skipped.length > 0) said.push(`without ${skipped.map(phaseTitle).join(", ")}`);
  if (typeof data.to === "string") said.push(`back to ${phaseTitle(data.to)}`);
  if (data.edited === true) said.push("with edits");
  if (typeof data.attempts === "number" && data.attempts > 0) said.push(`after attempt ${data.attempts}`);
  if (typeof data.after_seconds === "number" && data.after_seconds > 0) said.push(`again in ${data.after_seconds} s`);
  if (typeof data.code === "string") said.push(data.code);
  if (event.kind === "phase_completed" && data.status === "waiting_for_approval") said.push("a person is asked");
  return said;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function plain(name: string): string {
  return name.replaceAll("_", " ");
}

/** Who did it; the engine is the system itself. */
export function actorOf(actor: string): string {
  return actor === "engine" ? "Masterflow" : actor;
}
