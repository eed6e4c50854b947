/** A wave plan as a board: waves with their loads, and what moves in them. From a version or from a gate. Pure. */
import type { PlanOut, PlanStatus } from "@/api/schema";
import { type Change, countOf, type Edits } from "@/gates/edits";

export const PHASE = "wave_planning";

export type Freeze = "none" | "prod" | "all";

/** How full a wave is in one respect; without a capacity it is not limited. */
export interface Load {
  used: number;
  capacity: number | null;
}

export interface BoardWave {
  number: number;
  start: string;
  end: string;
  freeze: Freeze;
  hours: Load;
  servers: Load;
  storageGb: Load;
  confidence: string;
  note: string;
}

export interface BoardItem {
  id: string;
  name: string;
  isApplication: boolean;
  wave: number;
  strategy: string;
  servers: number;
  storageGb: number;
  hours: number;
  environment: string;
  criticality: string | null;
  moveGroup: string | null;
}

export interface Unplanned {
  id: string;
  name: string;
  reason: string;
}

export interface Hybrid {
  source: string;
  target: string;
  wave: number | null;
  risk: string;
}

export interface Wish {
  wish: string;
  subjects: string[];
  sentence: string;
}

export interface Board {
  assessmentId: string;
  status: PlanStatus;
  objective: number | null;
  bound: number | null;
  waves: BoardWave[];
  items: BoardItem[];
  unplanned: Unplanned[];
  hybrids: Hybrid[];
  wishes: Wish[];
  assumptions: string[];
}

export function fromPlan(plan: PlanOut): Board {
  return {
    assessmentId: plan.assessment_id,
    status: plan.status,
    objective: plan.objective,
    bound: plan.bound,
    waves: plan.waves.map((wave) => ({
      number: wave.number,
      start: wave.start,
      end: wave.end,
      freeze: freezeOf(wave.frozen),
      hours: { used: wave.hours, capacity: wave.capacity_hours },
      servers: { used: wave.servers, capacity: wave.capacity_servers },
      storageGb: { used: wave.storage_gb, capacity: wave.capacity_storage_gb },
      confidence: wave.confidence,
      note: wave.note,
    })),
    items: plan.items.map((item) => ({
      id: item.subject_id,
      name: item.subject_name,
      isApplication: item.is_application,
      wave: item.wave,
      strategy: item.strategy,
      servers: item.servers,
      storageGb: item.storage_gb,
      hours: item.hours,
      environment: item.environment,
      criticality: item.criticality,
      moveGroup: item.move_group,
    })),
    unplanned: plan.unplanned.map((one) => ({ id: one.subject_id, name: one.subject_name, reason: one.reason })),
    hybrids: plan.hybrid_dependencies.map((one) => ({
      source: one.source_name,
      target: one.target_name,
      wave: one.wave,
      risk: one.risk,
    })),
    wishes: plan.broken_wishes,
    assumptions: [],
  };
}

type Json = Record<string, unknown>;

/** The board of a gate's output; null when the gate asks about something else. */
export function fromGate(output: Json): Board | null {
  const waves = list(output.planned_waves);
  const subjects = list(output.subjects);
  if (!waves || !subjects) return null;
  return {
    assessmentId: text(output.assessment_id),
    status: statusOf(output.status),
    objective: amount(output.objective),
    bound: amount(output.bound),
    waves: waves.map((wave) => gateWave(wave, output)),
    items: subjects.map(gateItem),
    unplanned: (list(output.unplanned) ?? []).map((one) => ({
      id: text(one.subject_id),
      name: text(one.name),
      reason: text(one.reason),
    })),
    hybrids: (list(output.hybrid_dependencies) ?? []).map((one) => ({
      source: text(one.source),
      target: text(one.target),
      wave: amount(one.wave),
      risk: text(one.risk),
    })),
    wishes: (list(output.broken_wishes) ?? []).map((one) => ({
      wish: text(one.wish),
      subjects: texts(one.applications),
      sentence: text(one.sentence),
    })),
    assumptions: texts(output.assumptions),
  };
}

function gateWave(wave: Json, output: Json): BoardWave {
  const load = (key: string) => ({ used: Number(wave[key]), capacity: amount(wave[`capacity_${key}`]) });
  return {
    number: Number(wave.number),
    start: text(wave.start),
    end: text(wave.end),
    freeze: freezeOf(text(wave.freeze)),
    hours: load("hours"),
    servers: load("servers"),
    storageGb: load("storage_gb"),
    confidence: text(output.confidence),
    note: text(output.confidence_note),
  };
}

function gateItem(raw: Json): BoardItem {
  return {
    id: text(raw.subject_id),
    name: text(raw.name),
    isApplication: raw.is_application === true,
    wave: Number(raw.wave),
    strategy: text(raw.strategy),
    servers: Number(raw.servers),
    storageGb: Number(raw.storage_gb),
    hours: Number(raw.hours),
    environment: text(raw.environment),
    criticality: raw.criticality == null ? null : text(raw.criticality),
    moveGroup: raw.move_group == null ? null : text(raw.move_group),
  };
}

function list(value: unknown): Json[] | null {
  return Array.isArray(value) ? (value as Json[]) : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function amount(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function statusOf(value: unknown): PlanStatus {
  return value === "optimal" || value === "feasible" || value === "infeasible" ? value : "unknown";
}

function freezeOf(value: string): Freeze {
  return value === "prod" || value === "all" ? value : "none";
}

/** The board with items in other waves, and loads that follow; what only the server knows stays as it was. */
export function withMoves(board: Board, edits: Edits): Board {
  if (countOf(edits) === 0) return board;
  const items = board.items.map((item) => {
    const wave = edits[item.id]?.wave?.after;
    return typeof wave === "number" ? { ...item, wave } : item;
  });
  return { ...board, items, waves: board.waves.map((wave) => reloaded(wave, items)) };
}

function reloaded(wave: BoardWave, items: readonly BoardItem[]): BoardWave {
  const mine = items.filter((item) => item.wave === wave.number);
  const sum = (of: (item: BoardItem) => number) => mine.reduce((total, item) => total + of(item), 0);
  return {
    ...wave,
    hours: { ...wave.hours, used: sum((item) => item.hours) },
    servers: { ...wave.servers, used: sum((item) => item.servers) },
    storageGb: { ...wave.storageGb, used: sum((item) => item.storageGb) },
  };
}

/** The edits that put an item, and all that cannot move without it, into a wave. */
export function moveTo(board: Board, id: string, wave: number): Change[] {
  return movingWith(board, id)
    .filter((item) => item.wave !== wave)
    .map((item) => ({ row: item.id, of: item.name, field: "wave", before: item.wave, after: wave }));
}

/** An item and what moves together with it. */
export function movingWith(board: Board, id: string): BoardItem[] {
  const item = board.items.find((one) => one.id === id);
  if (!item) return [];
  return item.moveGroup ? board.items.filter((one) => one.moveGroup === item.moveGroup) : [item];
}

export function isOver(load: Load): boolean {
  return load.capacity !== null && load.used > load.capacity;
}

/** Wishes that only one of two states breaks. A wish that is broken by more or less than before stays the same wish. */
export function wishChanges(before: readonly Wish[], after: readonly Wish[]) {
  const known = (wishes: readonly Wish[]) => new Set(wishes.map(wishKey));
  const [old, now] = [known(before), known(after)];
  return {
    fixed: before.filter((wish) => !now.has(wishKey(wish))),
    added: after.filter((wish) => !old.has(wishKey(wish))),
  };
}

function wishKey({ wish, subjects, sentence }: Wish): string {
  return JSON.stringify([wish, subjects, subjects.length > 0 ? "" : sentence.replaceAll(/[\d,.]+ ?%/g, "%")]);
}

/** Reasons for being in no wave, each with the names of those that it is true of. */
export function byReason(unplanned: readonly Unplanned[]): { reason: string; names: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { reason, name } of unplanned) groups.set(reason, [...(groups.get(reason) ?? []), name]);
  return [...groups].map(([reason, names]) => ({ reason, names }));
}
