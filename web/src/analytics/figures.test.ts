import { expect, test } from "vitest";
import type { AnalyticsOut, CountsOut, DayOut } from "@/api/schema";
import {
  byEnd,
  byStatus,
  causeName,
  headlines,
  isQuiet,
  lastSeen,
  quantileBar,
  stretches,
  stretchName,
} from "./figures";
import { windowOf } from "./window";

const counts = (given: Partial<CountsOut>): CountsOut => ({
  flow_type: "discovery",
  created: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  phases_done: 0,
  retries: 0,
  phase_retries: 0,
  rollbacks: 0,
  gates_approved: 0,
  gates_rejected: 0,
  success_rate: null,
  ...given,
});
const onDay = (day: string, given: Partial<DayOut>): DayOut => ({ ...counts(given), day });

test("states that no flow has are left out of the chart", () => {
  const { series, bars } = byStatus([
    { flow_type: "planning", total: 3, by_status: { completed: 2, paused: 1 } as never },
    { flow_type: "discovery", total: 1, by_status: { initialized: 1 } as never },
  ]);
  expect(series.map(({ label }) => label)).toEqual(["Not started or paused", "Completed"]);
  expect(bars.map(({ label, values }) => [label, values])).toEqual([
    ["Planning", [1, 2]],
    ["Discovery", [1, 0]],
  ]);
});

test("types of which nothing ended have no bar of ends", () => {
  expect(byEnd([counts({ created: 3 }), counts({ flow_type: "planning", completed: 1, failed: 2 })])).toEqual([
    { key: "planning", label: "Planning", values: [1, 2, 0] },
  ]);
});

test("a day on which nothing happened is shown as such", () => {
  const days = [onDay("2026-11-02", { created: 2 }), onDay("2026-11-02", { created: 1, completed: 1 })];
  const found = stretches({ first: "2026-11-01", last: "2026-11-03", days });
  expect(found.map(({ created, completed }) => [created, completed])).toEqual([
    [0, 0],
    [3, 1],
    [0, 0],
  ]);
  expect(found.map(isQuiet)).toEqual([true, false, true]);
});

test("a long window is read by weeks", () => {
  const days = [onDay("2026-01-06", { completed: 1 }), onDay("2026-01-08", { completed: 2 })];
  const found = stretches({ first: "2026-01-01", last: "2026-12-31", days });
  expect(found.length).toBe(53);
  expect(found.slice(0, 2).map(({ completed }) => completed)).toEqual([1, 2]);
  expect(stretchName(found[0] ?? found[1] ?? ({} as never))).toBe("1 Jan – 7 Jan");
  expect(found.at(-1)?.last).toBe("2026-12-31");
});

test("a bar reaches to the median and on to the 95th percentile, and says both", () => {
  expect(quantileBar("a", "A", { p50_seconds: 2, p95_seconds: 5 })).toEqual({
    key: "a",
    label: "A",
    values: [2, 3],
    said: [2, 5],
  });
});

test("a cause is named by its phase and its code", () => {
  const cause = { flow_type: "discovery", phase: "data_import", code: null, error_class: "bug", count: 2, days: {} };
  expect(causeName(cause as never)).toBe("Data import: bug");
  expect(lastSeen({ ...cause, days: { "2026-11-03": 1, "2026-10-09": 1 } } as never)).toBe("2026-11-03");
});

test("the success rate counts every end, and is unknown while nothing ended", () => {
  const report = { flows: [], totals: [counts({ completed: 3, failed: 1 })], waits: [] } as unknown as AnalyticsOut;
  expect(headlines(report)[2]).toEqual({ label: "Success rate", value: "75 %", note: "1 failure, 0 cancelled" });
  expect(headlines({ ...report, totals: [] })[2]?.value).toBe("–");
});

test("the window ends today and has as many days as the address names", () => {
  const now = Date.parse("2026-11-23T18:00:00Z");
  expect(windowOf("7", now)).toEqual({ days: "7", from: "2026-11-17", to: "2026-11-23" });
  expect(windowOf("forever", now).days).toBe("30");
  expect(windowOf("900", now).days).toBe("30");
});
