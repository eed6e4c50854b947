/** A schedule and a calendar while they are written, and as the API takes them. */

import type { CalendarOut, NewSchedule, Period, ScheduleOut } from "@/api/schema";
import { localTime } from "@/ui/time";

export interface Draft {
  name: string;
  flowType: string | null;
  cron: string;
  timeZone: string;
  calendarId: string | null;
  inBlackout: "skip" | "defer";
  catchUp: "skip" | "once" | "all";
  mayOverlap: boolean;
}

export const CRONS = [
  { cron: "30 2 * * *", label: "Every night" },
  { cron: "30 2 * * mon-fri", label: "Weeknights" },
  { cron: "0 6 * * mon", label: "Monday mornings" },
  { cron: "0 6 1 * *", label: "First of the month" },
  { cron: "0 * * * *", label: "Every hour" },
] as const;

export function blankDraft(timeZone: string): Draft {
  return {
    name: "",
    flowType: null,
    cron: "30 2 * * mon-fri",
    timeZone,
    calendarId: null,
    inBlackout: "skip",
    catchUp: "once",
    mayOverlap: false,
  };
}

export function draftOf(schedule: ScheduleOut): Draft {
  return {
    name: schedule.name,
    flowType: schedule.flow_type,
    cron: schedule.cron,
    timeZone: schedule.time_zone,
    calendarId: schedule.calendar_id,
    inBlackout: schedule.in_blackout,
    catchUp: schedule.catch_up,
    mayOverlap: schedule.may_overlap,
  };
}

export function bodyOf(draft: Draft, flowType: string, config: Record<string, unknown>): NewSchedule {
  return {
    name: draft.name.trim(),
    flow_type: flowType,
    config,
    cron: draft.cron.trim(),
    time_zone: draft.timeZone,
    calendar_id: draft.calendarId,
    in_blackout: draft.inBlackout,
    catch_up: draft.catchUp,
    may_overlap: draft.mayOverlap,
  };
}

/** A time by the clocks of a zone: "Tue, 24 Nov 2026, 02:30". */
export function timeIn(zone: string, at: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(at));
}

/** A blackout as two fields of the browser take it: the reader's local time, without a zone. */
export interface PeriodDraft {
  key: string;
  starts: string;
  ends: string;
  reason: string;
}

export function blankPeriod(): PeriodDraft {
  return { key: crypto.randomUUID(), starts: "", ends: "", reason: "" };
}

export function periodsOf(calendar: CalendarOut): PeriodDraft[] {
  return calendar.periods.map((period) => ({
    key: crypto.randomUUID(),
    starts: localTime(period.starts_at),
    ends: localTime(period.ends_at),
    reason: period.reason,
  }));
}

export function isWhole({ starts, ends, reason }: PeriodDraft): boolean {
  return starts !== "" && ends > starts && reason.trim() !== "";
}

export function periodBody({ starts, ends, reason }: PeriodDraft): Period {
  return {
    starts_at: new Date(starts).toISOString(),
    ends_at: new Date(ends).toISOString(),
    reason: reason.trim(),
  };
}
