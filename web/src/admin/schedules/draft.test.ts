import { expect, test } from "vitest";
import { localTime } from "@/ui/time";
import { blankDraft, bodyOf, isWhole, periodBody, timeIn } from "./draft";

test("a schedule is sent as it was written, without blanks around it", () => {
  const draft = { ...blankDraft("Europe/Berlin"), name: " nightly ", cron: " 0 1 * * * " };
  expect(bodyOf(draft, "discovery", { imports: [] })).toEqual({
    name: "nightly",
    flow_type: "discovery",
    config: { imports: [] },
    cron: "0 1 * * *",
    time_zone: "Europe/Berlin",
    calendar_id: null,
    in_blackout: "skip",
    catch_up: "once",
    may_overlap: false,
  });
});

test("a time is read by the clocks of its zone", () => {
  expect(timeIn("Europe/Berlin", "2026-11-24T01:30:00Z")).toBe("Tue, 24 Nov 2026, 02:30");
});

test("a blackout goes to the server as a moment and comes back as the same local time", () => {
  const period = { key: "a", starts: "2026-12-18T00:00", ends: "2027-01-04T08:30", reason: " freeze " };
  const sent = periodBody(period);
  expect(localTime(sent.starts_at)).toBe(period.starts);
  expect(localTime(sent.ends_at)).toBe(period.ends);
  expect(sent.reason).toBe("freeze");
});

test("a blackout needs a reason and an end after its start", () => {
  const period = { key: "a", starts: "2026-12-18T00:00", ends: "2026-12-19T00:00", reason: "freeze" };
  expect(isWhole(period)).toBe(true);
  expect(isWhole({ ...period, ends: period.starts })).toBe(false);
  expect(isWhole({ ...period, reason: " " })).toBe(false);
});
