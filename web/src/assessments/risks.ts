/** The risk register as a matrix of likelihood and impact. Pure. */
import type { RiskOut } from "@/api/schema";

export const SCALE = [1, 2, 3, 4, 5] as const;
export const LIKELIHOOD = ["Rare", "Unlikely", "Possible", "Likely", "Almost certain"];
export const IMPACT = ["Slight", "Minor", "Moderate", "Major", "Severe"];

export type Level = "low" | "medium" | "high";

/** By the product of likelihood and impact, 1 to 25. */
export function levelOf(likelihood: number, impact: number): Level {
  const score = likelihood * impact;
  if (score >= 12) return "high";
  return score >= 6 ? "medium" : "low";
}

/** How many risks stand in each cell, by `likelihood.impact`. */
export function cellCounts(risks: readonly RiskOut[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const risk of risks) {
    const key = cellKey(risk.likelihood, risk.impact);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export function cellKey(likelihood: number, impact: number): string {
  return `${likelihood}.${impact}`;
}

/** Risks with the same words about several subjects, as one line; the gravest first. */
export interface RiskGroup {
  key: string;
  risk: RiskOut;
  subjects: string[];
}

export function grouped(risks: readonly RiskOut[], cell: string | undefined): RiskGroup[] {
  const groups = new Map<string, RiskGroup>();
  for (const risk of risks) {
    if (cell && cellKey(risk.likelihood, risk.impact) !== cell) continue;
    const key = [risk.code, risk.sentence, risk.likelihood, risk.impact].join("|");
    const group = groups.get(key);
    if (group) group.subjects.push(risk.subject);
    else groups.set(key, { key, risk, subjects: [risk.subject] });
  }
  return [...groups.values()].sort(
    (a, b) =>
      b.risk.likelihood * b.risk.impact - a.risk.likelihood * a.risk.impact || b.subjects.length - a.subjects.length,
  );
}
