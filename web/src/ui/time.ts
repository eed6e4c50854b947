/** Words for moments and spans of time. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const utcDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** "3 min. ago", "in 2 days"; from two months on the date itself. */
export function age(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const length = Math.abs(seconds);
  if (length < 45) return "just now";
  if (length < 45 * MINUTE) return relative.format(Math.round(seconds / MINUTE), "minute");
  if (length < 22 * HOUR) return relative.format(Math.round(seconds / HOUR), "hour");
  if (length < 60 * DAY) return relative.format(Math.round(seconds / DAY), "day");
  return dateAt(at);
}

/** The date of a moment in the reader's zone. */
export function dateAt(at: string): string {
  return day.format(new Date(at));
}

/** Date and time in the reader's zone. */
export function stamp(at: string): string {
  return moment.format(new Date(at));
}

/** A calendar day, which has no zone. */
export function dayOf(date: string): string {
  return utcDay.format(new Date(`${date}T00:00:00Z`));
}

/** The moment in the reader's zone and in UTC, for who looks closer. */
export function exact(at: string): string {
  const utc = new Date(at).toISOString().replace("T", " ").slice(0, 19);
  return `${stamp(at)} · ${utc} UTC`;
}

/** "350 ms", "4.2 s", "3 min 5 s", "2 h 10 min", "3 d 4 h". */
export function span(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / DAY), "d"],
    [Math.floor((whole % DAY) / HOUR), "h"],
    [Math.floor((whole % HOUR) / MINUTE), "min"],
    [whole % MINUTE, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** A moment as the browser's control for local times wants it; empty where it is none. */
export function localTime(at: string): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  return new Date(then.getTime() - then.getTimezoneOffset() * MINUTE * 1000).toISOString().slice(0, 16);
}
