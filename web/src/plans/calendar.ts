/** Where days lie on a time axis, as shares of its length. Pure. */

const DAY_MS = 86_400_000;

export interface Span {
  start: string;
  end: string;
}

/** A stretch on the axis: where it begins and how long it is, 0 to 1. */
export interface Stretch {
  left: number;
  width: number;
}

export interface Month extends Stretch {
  key: string;
  label: string;
}

export interface Calendar {
  months: Month[];
  place(span: Span): Stretch | null;
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** An axis over whole months around the given spans; null without any. */
export function calendarOf(spans: readonly Span[]): Calendar | null {
  if (spans.length === 0) return null;
  const first = spans.map((span) => span.start).toSorted()[0] ?? "";
  const last =
    spans
      .map((span) => span.end)
      .toSorted()
      .at(-1) ?? "";
  const begins = monthsOf(first, last);
  const from = dayNumber(begins[0] ?? first);
  const until = dayNumber(nextMonth(begins.at(-1) ?? last));
  const length = until - from;
  const place = ({ start, end }: Span) => {
    const left = Math.max(dayNumber(start), from);
    const right = Math.min(dayNumber(end) + 1, until);
    return right <= left ? null : { left: (left - from) / length, width: (right - left) / length };
  };
  const months = begins.map((begin) => {
    const left = (dayNumber(begin) - from) / length;
    return { key: begin, label: monthLabel(begin), left, width: (dayNumber(nextMonth(begin)) - from) / length - left };
  });
  return { months, place };
}

function monthsOf(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = `${first.slice(0, 7)}-01`; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}

function nextMonth(begin: string): string {
  const [year, month] = begin.split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, month ?? 0, 1)).toISOString().slice(0, 10);
}

function monthLabel(begin: string): string {
  const date = new Date(`${begin}T00:00:00Z`);
  const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(date);
  return begin.slice(5, 7) === "01" ? `${name} ${begin.slice(0, 4)}` : name;
}

export interface FrozenSpan extends Span {
  scope: "prod" | "all";
}

/** The freezes that the configuration of a planning flow names. */
export function freezesOf(config: Record<string, unknown> | undefined): FrozenSpan[] {
  const { freezes } = config ?? {};
  if (!Array.isArray(freezes)) return [];
  return freezes.flatMap((one: Record<string, unknown>) =>
    typeof one.start === "string" && typeof one.end === "string"
      ? [{ start: one.start, end: one.end, scope: one.scope === "all" ? ("all" as const) : ("prod" as const) }]
      : [],
  );
}
