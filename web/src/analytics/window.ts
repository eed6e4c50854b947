/** The span of days that the address names. */
import { dayAfter } from "@/ui/days";

export const SPANS = ["7", "30", "90", "365"] as const;
export const DEFAULT_SPAN = "30";

/** The days to ask for, today (UTC) the last; what is no number of days is the default. */
export function windowOf(days: string | undefined, now = Date.now()): { days: string; from: string; to: string } {
  const known = days !== undefined && /^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= 366;
  const asked = known ? days : DEFAULT_SPAN;
  const to = new Date(now).toISOString().slice(0, 10);
  return { days: asked, from: dayAfter(to, 1 - Number(asked)), to };
}

export function spanName(days: string): string {
  return days === "365" ? "Year" : `${days} days`;
}
