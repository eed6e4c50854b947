/** Calendars of blackouts. */
import { Button, VisuallyHidden } from "@mantine/core";
import { IconCalendarOff, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { CalendarOut } from "@/api/schema";
import { useMay } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { counted } from "@/ui/numbers";
import { one, usePageSearch } from "@/ui/search";
import { stamp } from "@/ui/time";
import { CommandDialog } from "../parts/CommandDialog";
import { useGone } from "../parts/done";
import { Listing } from "../parts/Listing";
import { RowMenu } from "../parts/RowMenu";
import { CalendarDialog } from "./CalendarDialog";

const COLUMNS: DataColumn<CalendarOut>[] = [
  { key: "name", header: "Calendar", cell: (row) => row.name, width: 10 },
  { key: "next", header: "Next blackout", cell: (row) => nextOf(row), width: 15 },
  { key: "periods", header: "Blackouts", cell: (row) => row.periods.length, width: 6.5, numeric: true },
  { key: "used", header: "Used by", cell: (row) => counted(row.used_by, "schedule"), width: 8 },
  { key: "by", header: "Changed by", cell: (row) => row.changed_by, width: 13 },
];

export function Calendars() {
  const [search, change] = usePageSearch();
  const [toDelete, setToDelete] = useState<CalendarOut | null>(null);
  const mayRun = useMay("flows.run");
  const list = $api.useQuery("get", "/api/v1/calendars");
  const rows = list.data?.items;
  const chosen = one(search, "calendar");
  const calendar = rows?.find((row) => row.id === chosen);
  const make = mayRun && (
    <Button
      size="compact-md"
      variant="default"
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => change({ calendar: "new" })}
    >
      Make a calendar
    </Button>
  );
  const actions: DataColumn<CalendarOut> = {
    key: "actions",
    header: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 3.5,
    cell: (row) =>
      mayRun && (
        <RowMenu
          label={`What to do with ${row.name}`}
          actions={[
            { label: "Change", icon: IconPencil, onClick: () => change({ calendar: row.id }) },
            { label: "Delete", icon: IconTrash, onClick: () => setToDelete(row), isGrave: true },
          ]}
        />
      ),
  };
  const close = () => change({ calendar: undefined });
  return (
    <>
      <Listing
        title="Calendars of blackouts"
        label="Calendars of blackouts"
        columns={[...COLUMNS, actions]}
        rows={rows}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.name}
        onOpen={mayRun ? (row) => change({ calendar: row.id }) : undefined}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={rows && rows.length > 0 && make}
        empty={
          <Empty icon={IconCalendarOff} title="No blackout is known" action={make}>
            A calendar names times in which nothing may start by itself: the freeze at the end of the year, a release.
            Schedules that keep to it leave these times out, or make up for them afterwards.
          </Empty>
        }
      />
      {chosen === "new" && mayRun && <CalendarDialog onClose={close} />}
      {calendar && mayRun && <CalendarDialog key={calendar.id} calendar={calendar} onClose={close} />}
      {toDelete && <DeleteCalendar calendar={toDelete} onClose={() => setToDelete(null)} />}
    </>
  );
}

function nextOf(calendar: CalendarOut): string {
  const now = Date.now();
  const next = calendar.periods
    .filter((period) => Date.parse(period.ends_at) > now)
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))[0];
  return next ? `${stamp(next.starts_at)}: ${next.reason}` : "none to come";
}

function DeleteCalendar({ calendar, onClose }: { calendar: CalendarOut; onClose(): void }) {
  const done = useGone();
  const drop = $api.useMutation("delete", "/api/v1/calendars/{calendar_id}", {
    onSuccess: () => {
      onClose();
      done(`The calendar ${calendar.name} is deleted.`, "calendars");
    },
  });
  return (
    <CommandDialog
      title={`Delete ${calendar.name}`}
      says="Its blackouts are gone. This cannot be undone. A calendar to which a schedule keeps stays."
      button="Delete"
      isGrave
      isPending={drop.isPending}
      error={drop.error}
      onSubmit={() => drop.mutate({ params: { path: { calendar_id: calendar.id } } })}
      onClose={onClose}
    />
  );
}
