/** The report of the API as the charts take it. Pure. */
import type { AnalyticsOut, CauseOut, CountsOut, FlowStatus, PhaseTimingOut, Wait, WaitTimingOut } from "@/api/schema";
import type { Bar } from "@/ui/charts/BarChart";
import type { Series } from "@/ui/charts/Legend";
import { dayAfter, daysBetween, shortDay } from "@/ui/days";
import { counted } from "@/ui/numbers";
import { span } from "@/ui/time";
import { spoken } from "@/ui/words";

const GREEN = 2;
const RED = 4;
const GREY = 6;
const DAYS_ONE_BY_ONE = 92;

/** States as the chart groups them: seven looks are told apart, eight are not. */
const GROUPS: (Series & { states: FlowStatus[] })[] = [
  { key: "running", label: "Running", look: 0, states: ["running"] },
  { key: "approval", label: "Waiting for approval", look: 1, states: ["waiting_for_approval"] },
  { key: "input", label: "Waiting for input", look: 3, states: ["waiting_for_input"] },
  { key: "rest", label: "Not started or paused", look: 5, states: ["initialized", "paused"] },
  { key: "completed", label: "Completed", look: GREEN, states: ["completed"] },
  { key: "failed", label: "Failed", look: RED, states: ["failed"] },
  { key: "cancelled", label: "Cancelled", look: GREY, states: ["cancelled"] },
];

export const ENDS: Series[] = [
  { key: "completed", label: "Completed", look: GREEN },
  { key: "failed", label: "Failed", look: RED },
  { key: "cancelled", label: "Cancelled", look: GREY },
];

export const QUANTILES: Series[] = [
  { key: "p50", label: "Half of them took no longer (p50)", look: 0 },
  { key: "p95", label: "95 % took no longer (p95)", look: 1 },
];

export const WAITS: Record<Wait, string> = {
  approval: "for approval",
  input: "for input",
  paused: "while paused",
};

export interface Figure {
  series: Series[];
  bars: Bar[];
}

/** How many flows there are of each type in each group of states; groups without a flow are left out. */
export function byStatus(flows: AnalyticsOut["flows"]): Figure {
  const counts = flows.map((type) =>
    GROUPS.map(({ states }) => sum(states.map((state) => type.by_status[state] ?? 0))),
  );
  const used = GROUPS.map((_, index) => counts.some((row) => (row[index] ?? 0) > 0));
  return {
    series: GROUPS.filter((_, index) => used[index]),
    bars: flows.map((type, row) => ({
      key: type.flow_type,
      label: spoken(type.flow_type),
      values: (counts[row] ?? []).filter((_, index) => used[index]),
    })),
  };
}

/** How the flows of each type ended. */
export function byEnd(totals: readonly CountsOut[]): Bar[] {
  return totals
    .filter((type) => type.completed + type.failed + type.cancelled > 0)
    .map((type) => ({
      key: type.flow_type,
      label: spoken(type.flow_type),
      values: [type.completed, type.failed, type.cancelled],
    }));
}

export interface Stretch {
  first: string;
  last: string;
  created: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** What happened on each day of the window, those without an event too; weeks where the window is long. */
export function stretches({ first, last, days }: Pick<AnalyticsOut, "first" | "last" | "days">): Stretch[] {
  const all = daysBetween(first, last);
  const size = all.length > DAYS_ONE_BY_ONE ? 7 : 1;
  const found = new Map<string, Stretch>();
  all.forEach((day, index) => {
    const start = all[index - (index % size)] ?? day;
    const known = found.get(start);
    if (known) known.last = day;
    else found.set(start, { first: start, last: day, created: 0, completed: 0, failed: 0, cancelled: 0 });
  });
  for (const day of days) {
    const index = Math.floor(daysBetween(first, day.day).length - 1);
    const stretch = found.get(dayAfter(first, index - (index % size)));
    if (!stretch) continue;
    stretch.created += day.created;
    stretch.completed += day.completed;
    stretch.failed += day.failed;
    stretch.cancelled += day.cancelled;
  }
  return [...found.values()];
}

export function isQuiet(stretch: Stretch): boolean {
  return stretch.created + stretch.completed + stretch.failed + stretch.cancelled === 0;
}

export function stretchName({ first, last }: Stretch): string {
  return first === last ? shortDay(first) : `${shortDay(first)} – ${shortDay(last)}`;
}

interface Quantiles {
  p50_seconds?: number | null;
  p95_seconds?: number | null;
}

/** A bar that reaches to the median and on to the 95th percentile. */
export function quantileBar(key: string, label: string, { p50_seconds, p95_seconds }: Quantiles): Bar {
  const half = p50_seconds ?? 0;
  const most = Math.max(half, p95_seconds ?? 0);
  return { key, label, values: [half, most - half], said: [half, most] };
}

export function phaseName({ flow_type, phase }: Pick<PhaseTimingOut, "flow_type" | "phase">): string {
  return `${spoken(flow_type)}: ${spoken(phase).toLowerCase()}`;
}

export function waitName({ flow_type, wait }: Pick<WaitTimingOut, "flow_type" | "wait">): string {
  return `${spoken(flow_type)} ${WAITS[wait]}`;
}

/** The slowest first. */
export function slowest<Timing extends Quantiles>(
  timings: readonly Timing[],
  most = Number.POSITIVE_INFINITY,
): Timing[] {
  return [...timings].sort((a, b) => (b.p95_seconds ?? 0) - (a.p95_seconds ?? 0)).slice(0, most);
}

export function causeName({ phase, code, error_class }: CauseOut): string {
  return [phase ? spoken(phase) : "Before the first phase", code ?? error_class ?? "no code"].join(": ");
}

/** The day on which a cause was seen last. */
export function lastSeen(cause: CauseOut): string | undefined {
  return Object.keys(cause.days).sort().at(-1);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export interface Headline {
  label: string;
  value: string;
  note: string;
}

/** The few figures that are read first. */
export function headlines(report: AnalyticsOut): Headline[] {
  const ended = (key: "completed" | "failed" | "cancelled") => sum(report.totals.map((type) => type[key]));
  const completed = ended("completed");
  const ends = completed + ended("failed") + ended("cancelled");
  const waited = report.waits.filter(({ wait }) => wait !== "paused");
  const waits = sum(waited.map(({ count }) => count));
  return [
    {
      label: "Flows now",
      value: String(sum(report.flows.map(({ total }) => total))),
      note: counted(report.flows.length, "type"),
    },
    { label: "Completed", value: String(completed), note: `of ${counted(ends, "flow")} that ended` },
    {
      label: "Success rate",
      value: ends === 0 ? "–" : `${Math.round((completed / ends) * 100)} %`,
      note: `${counted(ended("failed"), "failure")}, ${ended("cancelled")} cancelled`,
    },
    {
      label: "Waited for people",
      value: waits === 0 ? "–" : span(sum(waited.map(({ total_seconds }) => total_seconds)) / waits),
      note: waits === 0 ? "no wait has ended" : `on average over ${counted(waits, "wait")}`,
    },
  ];
}
