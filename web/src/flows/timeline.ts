/** What a flow spent its time on: attempts of phases and waits, out of its history and its results. */
import type { EventOut, ResultOut } from "@/api/schema";

export type SpellKind = "work" | "approval" | "input" | "pause";
export type SpellEnd = "done" | "failed" | "retried" | "stopped" | "running";

/** One stretch of time that a phase worked or waited; times in ms. */
export interface Spell {
  phase: string;
  kind: SpellKind;
  start: number;
  /** Null: it goes on. */
  end: number | null;
  outcome: SpellEnd;
  iteration: number;
  /** Whether its result counts no more, because the flow went back before it. */
  isSuperseded: boolean;
}

export interface Phases {
  names: readonly string[];
  current: string | null;
}

const WAITS: Record<string, SpellKind> = {
  waiting_for_approval: "approval",
  waiting_for_input: "input",
  paused: "pause",
};

interface Walk {
  phase: string | null;
  kind: SpellKind | null;
  since: number;
  iteration: number;
}

/** Walk through the history; each event ends what went on before it, and says what goes on now. */
export function spellsOf(events: readonly EventOut[], results: readonly ResultOut[], phases: Phases): Spell[] {
  const spells: Spell[] = [];
  const walk: Walk = { phase: phases.names[0] ?? null, kind: null, since: 0, iteration: 1 };
  for (const event of events) {
    if (isNote(event)) continue;
    const at = Date.parse(event.at);
    end(spells, walk, event, at);
    const back = backTo(event, phases.names);
    if (back !== null) {
      for (const spell of spells) {
        if (phases.names.indexOf(spell.phase) >= back) spell.isSuperseded = true;
      }
      walk.iteration++;
    }
    begin(walk, event, at, phases.names, back);
  }
  if (walk.phase && walk.kind) {
    const phase = walk.kind === "work" ? (phases.current ?? walk.phase) : walk.phase;
    spells.push({ ...spell(walk, phase), end: null, outcome: "running" });
  }
  return exactly(spells, results);
}

const NOTES = new Set([
  "gate_voted",
  "gate_edited",
  "gate_reminded",
  "pause_requested",
  "flow_upgraded",
  "flow_deleted",
  "flow_restored",
]);

/** Whether an event leaves the flow doing what it did. */
function isNote(event: EventOut): boolean {
  return NOTES.has(event.kind) && event.data.status !== "paused";
}

function end(spells: Spell[], walk: Walk, event: EventOut, at: number): void {
  if (!walk.kind || !walk.phase) return;
  const phase = walk.kind === "work" && event.kind !== "phase_skipped" ? (event.phase ?? walk.phase) : walk.phase;
  spells.push({ ...spell(walk, phase), end: at, outcome: walk.kind === "work" ? outcomeOf(event) : "done" });
}

function spell(walk: Walk, phase: string): Omit<Spell, "end" | "outcome"> {
  return { phase, kind: walk.kind ?? "work", start: walk.since, iteration: walk.iteration, isSuperseded: false };
}

function outcomeOf(event: EventOut): SpellEnd {
  if (event.kind === "phase_completed" || event.kind === "flow_completed") return "done";
  if (event.kind === "flow_failed") return "failed";
  return event.kind === "phase_retried" || event.kind === "flow_rescued" ? "retried" : "stopped";
}

function backTo(event: EventOut, names: readonly string[]): number | null {
  const again = event.kind === "flow_retried" || event.kind === "flow_rolled_back" || event.kind === "gate_rejected";
  if (!again || event.data.status !== "running") return null;
  if (typeof event.data.back_to === "number") return event.data.back_to;
  const index = event.phase ? names.indexOf(event.phase) : -1;
  return index >= 0 ? index : null;
}

function begin(walk: Walk, event: EventOut, at: number, names: readonly string[], back: number | null): void {
  const status = event.data.status;
  walk.since = at;
  if (back !== null) walk.phase = names[back] ?? walk.phase;
  else if (event.phase) walk.phase = event.phase;
  if (typeof status === "string" && status !== "running") {
    walk.kind = WAITS[status] ?? null;
    return;
  }
  walk.kind = "work";
  const isBehind = event.kind === "phase_completed" || event.kind === "gate_approved" || event.kind === "phase_skipped";
  if (isBehind && event.phase) walk.phase = names[names.indexOf(event.phase) + 1] ?? null;
}

/** Results know their own moments better than the events around them. */
function exactly(spells: Spell[], results: readonly ResultOut[]): Spell[] {
  const found = new Map(results.map((result) => [`${result.phase} ${result.iteration}`, result]));
  return spells.map((one) => {
    const result = one.kind === "work" && one.outcome === "done" && found.get(`${one.phase} ${one.iteration}`);
    if (!result) return one;
    const start = Date.parse(result.started_at);
    return start >= one.start && one.end !== null && start <= one.end ? { ...one, start } : one;
  });
}

/** A part of the axis: waits in which nothing works are drawn shorter than they were. */
export interface Stretch {
  from: number;
  to: number;
  /** Where it lies on the axis, from 0 to 1. */
  left: number;
  right: number;
  isShortened: boolean;
}

const SHARE_OF_WAITS = 0.35;

/** The axis: to scale, but waits take at most a third of it, so that the work between them can be seen. */
export function stretchesOf(spells: readonly Spell[], now: number): Stretch[] {
  const marks = [...new Set(spells.flatMap((one) => [one.start, one.end ?? now]))].sort((a, b) => a - b);
  const parts = marks.slice(1).map((to, index) => {
    const from = marks[index] ?? to;
    const isWork = spells.some((one) => one.kind === "work" && one.start < to && (one.end ?? now) > from);
    return { from, to, length: to - from, isWork };
  });
  const work = sum(parts.filter((part) => part.isWork));
  const waits = sum(parts.filter((part) => !part.isWork));
  const room = work > 0 ? Math.min(waits, (work * SHARE_OF_WAITS) / (1 - SHARE_OF_WAITS)) : waits;
  const shrink = waits > 0 ? room / waits : 1;
  const total = Math.max(1, work + room);
  let left = 0;
  return parts.map(({ from, to, length, isWork }) => {
    const right = left + (isWork ? length : length * shrink) / total;
    const stretch = { from, to, left, right, isShortened: !isWork && shrink < 0.95 };
    left = right;
    return stretch;
  });
}

function sum(parts: readonly { length: number }[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

/** Where a moment lies on the axis, from 0 to 1. */
export function positionOf(moment: number, stretches: readonly Stretch[]): number {
  const found = stretches.find((one) => moment <= one.to);
  if (!found) return 1;
  const within = (moment - found.from) / Math.max(1, found.to - found.from);
  return found.left + Math.max(0, within) * (found.right - found.left);
}

/** Seconds of work that count: of the phase's newest attempt that is not superseded. */
export function workedSeconds(spells: readonly Spell[], now: number): number | null {
  const work = spells.filter((one) => one.kind === "work" && !one.isSuperseded);
  if (work.length === 0) return null;
  return work.reduce((total, one) => total + ((one.end ?? now) - one.start) / 1000, 0);
}
