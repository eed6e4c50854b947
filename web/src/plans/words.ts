/** What a plan's figures mean, in words. Pure. */
import type { PlanStatus } from "@/api/schema";
import { share } from "@/ui/numbers";
import type { ToneName } from "@/ui/Tone";
import type { Freeze } from "./board";

export const STATUS: Record<PlanStatus, { word: string; tone: ToneName }> = {
  optimal: { word: "Proven best", tone: "good" },
  feasible: { word: "Keeps every hard rule", tone: "good" },
  infeasible: { word: "Breaks a hard rule", tone: "bad" },
  unknown: { word: "Not known", tone: "rest" },
};

export const CONFIDENCE: Record<string, { word: string; tone: ToneName }> = {
  high: { word: "High confidence", tone: "good" },
  medium: { word: "Medium confidence", tone: "wait" },
  low: { word: "Low confidence", tone: "bad" },
};

export const FREEZE: Record<Freeze, string> = {
  none: "",
  prod: "Freeze: no production moves",
  all: "Freeze: nothing moves",
};

const WISHES: Record<string, string> = {
  target_moves_later: "What is needed moves first",
  nonprod_before_prod: "Test before production",
  first_wave_low_risk: "A first wave of low risk",
  environments_apart: "Environments apart",
  balanced_load: "Waves of even load",
};

export function wishTitle(wish: string): string {
  return WISHES[wish] ?? wish.replaceAll("_", " ");
}

/** What the objective says about a plan. */
export function objectiveSaid(objective: number | null): string {
  if (objective === null) return "How much of the dependencies crosses waves is not known.";
  if (objective === 0) return "No dependency crosses two waves: whatever needs each other moves together.";
  return `${share(objective)} of the weight of all dependencies crosses two waves, so for a while it runs between the two sites.`;
}

/** What is proven about how much better a plan could be. */
export function boundSaid(status: PlanStatus, objective: number | null, bound: number | null): string {
  if (objective === null || bound === null) return "How much better a plan could be is not known.";
  if (status === "optimal") return "It is proven that no plan which keeps the rules does better.";
  if (objective <= bound) return "No plan can do better in this respect.";
  return `No plan can do better than ${share(bound)}.`;
}
