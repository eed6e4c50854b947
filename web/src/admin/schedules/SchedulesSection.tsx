/** Flows that start by themselves, and the blackouts that they keep to. */
import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { one, usePageSearch } from "@/ui/search";
import { Calendars } from "./Calendars";
import { ScheduleDetail } from "./ScheduleDetail";
import { ScheduleList } from "./ScheduleList";

const form = () => import("./ScheduleForm"); // with the forms of schemas, which lists do not need
const MakeSchedule = lazy(async () => ({ default: (await form()).MakeSchedule }));
const EditSchedule = lazy(async () => ({ default: (await form()).EditSchedule }));

export function SchedulesSection() {
  const [search] = usePageSearch();
  const chosen = one(search, "schedule");
  if (!chosen) {
    return (
      <>
        <ScheduleList />
        <Calendars />
      </>
    );
  }
  if (chosen !== "new" && !one(search, "edit")) return <ScheduleDetail id={chosen} />;
  return (
    <Suspense fallback={<Skeleton height={400} role="status" aria-label="Loading" />}>
      {chosen === "new" ? <MakeSchedule /> : <EditSchedule id={chosen} />}
    </Suspense>
  );
}
