/** What a gate over strategies asks about, read out of its output, with the overrides of a draft in it. Pure. */
import type { RecommendationOut, Strategy } from "@/api/schema";
import type { Change, Edits } from "@/gates/edits";
import { isStrategy, STRATEGIES } from "./words";

export const PHASE = "recommendation_generation";

/** One application, or one server that belongs to none, with the strategy that holds and the one of the rules. */
export interface Subject {
  id: string;
  name: string;
  isApplication: boolean;
  servers: number;
  strategy: Strategy;
  ruleStrategy: Strategy;
  confidence: number;
  completeness: number;
  complexity: number;
  overrideReason: string | null;
}

/** A subject of a gate: with the reasons that the gate brings. */
export interface Proposal extends Subject {
  reason: string;
  runnerUp: Strategy | null;
  wouldChange: string;
}

export interface Proposals {
  assessmentId: string;
  assessedOn: string;
  moveDate: string;
  target: string;
  proposals: Proposal[];
}

type Json = Record<string, unknown>;

/** The output of a gate of this phase; null when it is none. */
export function readProposals(output: Json): Proposals | null {
  const { assessment_id, assessed_on, move_date, target, proposals } = output;
  if (!Array.isArray(proposals)) return null;
  return {
    assessmentId: text(assessment_id),
    assessedOn: text(assessed_on),
    moveDate: text(move_date),
    target: text(target),
    proposals: proposals.map((one: Json) => readProposal(one)),
  };
}

function readProposal(raw: Json): Proposal {
  const rule = isStrategy(raw.rule_strategy) ? raw.rule_strategy : "retain";
  return {
    id: text(raw.subject_id),
    name: text(raw.name),
    isApplication: raw.is_application === true,
    servers: Number(raw.servers),
    strategy: isStrategy(raw.strategy) ? raw.strategy : rule,
    ruleStrategy: rule,
    confidence: Number(raw.confidence),
    completeness: Number(raw.completeness),
    complexity: Number(raw.complexity),
    overrideReason: raw.override_reason == null ? null : text(raw.override_reason),
    reason: text(raw.reason),
    runnerUp: isStrategy(raw.runner_up) ? raw.runner_up : null,
    wouldChange: text(raw.would_change),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function subjectOf(found: Omit<RecommendationOut, "would_change">): Subject {
  return {
    id: found.subject_id,
    name: found.subject_name,
    isApplication: found.is_application,
    servers: found.server_count,
    strategy: found.strategy,
    ruleStrategy: found.rule_strategy,
    confidence: found.confidence,
    completeness: found.completeness,
    complexity: found.complexity,
    overrideReason: found.override_reason,
  };
}

/** The proposals as they would be approved. */
export function withEdits<One extends Subject>(subjects: readonly One[], edits: Edits): One[] {
  return subjects.map((one) => {
    const cells = edits[one.id];
    if (!cells) return one;
    const strategy = cells.strategy?.after;
    const reason = cells.override_reason?.after;
    return {
      ...one,
      strategy: isStrategy(strategy) ? strategy : one.strategy,
      overrideReason: reason === undefined ? one.overrideReason : reason === null ? null : String(reason),
    };
  });
}

/** The cells that give subjects another strategy for a reason; going back to the rules needs none. */
export function override(subjects: readonly Subject[], strategy: Strategy, reason: string): Change[] {
  return subjects.flatMap((one) => [
    { row: one.id, of: one.name, field: "strategy", before: one.strategy, after: strategy },
    {
      row: one.id,
      of: one.name,
      field: "override_reason",
      before: one.overrideReason,
      after: strategy === one.ruleStrategy ? null : reason.trim(),
    },
  ]);
}

export function isOverridden(subject: Subject): boolean {
  return subject.strategy !== subject.ruleStrategy;
}

export interface StrategyShare {
  strategy: Strategy;
  subjects: number;
  servers: number;
  share: number;
}

/** How many subjects and servers each strategy has; every strategy is named, in the order of portfolios. */
export function portfolioOf(subjects: readonly Subject[]): StrategyShare[] {
  return STRATEGIES.map((strategy) => {
    const mine = subjects.filter((one) => one.strategy === strategy);
    return {
      strategy,
      subjects: mine.length,
      servers: mine.reduce((sum, one) => sum + one.servers, 0),
      share: subjects.length === 0 ? 0 : mine.length / subjects.length,
    };
  });
}
