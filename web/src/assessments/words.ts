/** The field's terms of an assessment in words: strategies, support, readiness. */
import type { Readiness, Strategy, SupportStatus } from "@/api/schema";
import type { ToneName } from "@/ui/Tone";

/** In the order in which portfolios are read: what moves first, then what does not. */
export const STRATEGIES = [
  "rehost",
  "relocate",
  "replatform",
  "repurchase",
  "refactor",
  "retain",
  "retire",
] as const satisfies readonly Strategy[];

export const STRATEGY_MEANS: Record<Strategy, string> = {
  rehost: "Move as it is to virtual machines in the cloud",
  relocate: "Move the whole virtual machine to the same platform elsewhere",
  replatform: "Move with a small change, such as a newer operating system or a managed database",
  repurchase: "Buy a service or a cloud edition instead",
  refactor: "Change the code to fit the cloud",
  retain: "Stays where it is",
  retire: "Is switched off",
};

export const SUPPORT: Record<SupportStatus, { word: string; tone: ToneName }> = {
  ended: { word: "Ended", tone: "bad" },
  extended_only: { word: "Extended only", tone: "wait" },
  within_12_months: { word: "Ends within 12 months", tone: "wait" },
  unknown: { word: "Not known", tone: "rest" },
  supported: { word: "Supported", tone: "good" },
};

export const SUPPORT_ORDER = ["ended", "extended_only", "within_12_months", "unknown", "supported"] as const;

export const READINESS: Record<Readiness, { word: string; tone: ToneName }> = {
  not_ready: { word: "Not ready", tone: "bad" },
  conditionally_ready: { word: "Ready with conditions", tone: "wait" },
  unknown: { word: "Not known", tone: "rest" },
  ready: { word: "Ready", tone: "good" },
};

/** The worst first: what nobody knows may be worse than what is ready. */
export const READINESS_ORDER = ["not_ready", "conditionally_ready", "unknown", "ready"] as const;

const COMPLEXITY = ["Not known", "Easy", "Medium", "Hard", "Database"];

/** The complexity of a server: 0 is not known, 1 easy to 3 hard, 4 a database. */
export function serverComplexity(score: number): string {
  return COMPLEXITY[score] ?? String(score);
}

export function isStrategy(value: unknown): value is Strategy {
  return STRATEGIES.some((strategy) => strategy === value);
}
