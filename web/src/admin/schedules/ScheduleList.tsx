/** The schedules of the engagement. */
import { Button, Text } from "@mantine/core";
import { IconCalendarTime, IconPlus } from "@tabler/icons-react";
import { $api } from "@/api/client";
import type { ScheduleOut } from "@/api/schema";
import { useMay } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { Listing } from "../parts/Listing";
import { PAGING, usePaged } from "../parts/usePaged";
import { WhoMay } from "../parts/WhoMay";

export function ScheduleTone({ schedule }: { schedule: ScheduleOut }) {
  if (schedule.paused_because) return <Tone tone="wait">Paused</Tone>;
  return schedule.next_run_at ? <Tone tone="good">Runs</Tone> : <Tone tone="rest">Never again</Tone>;
}

const COLUMNS: DataColumn<ScheduleOut>[] = [
  {
    key: "name",
    header: "Name",
    cell: (row) => (
      <Text span size="md" fw={560}>
        {row.name}
      </Text>
    ),
    width: 12,
  },
  { key: "type", header: "Starts", cell: (row) => spoken(row.flow_type), width: 8 },
  {
    key: "cron",
    header: "When",
    cell: (row) => (
      <>
        <span className="mf-mono">{row.cron}</span> {row.time_zone}
      </>
    ),
    width: 15,
  },
  { key: "state", header: "State", cell: (row) => <ScheduleTone schedule={row} />, width: 8 },
  {
    key: "next",
    header: "Next",
    cell: (row) => (row.next_run_at && !row.paused_because ? <When at={row.next_run_at} /> : "–"),
    width: 7,
  },
  { key: "last", header: "Last", cell: (row) => (row.last_run_at ? <When at={row.last_run_at} /> : "never"), width: 7 },
];

export function ScheduleList() {
  const [, change] = usePageSearch();
  const mayRun = useMay("flows.run");
  const list = $api.useInfiniteQuery("get", "/api/v1/schedules", { params: { query: { limit: 200 } } }, PAGING);
  const { rows, more } = usePaged<ScheduleOut>(list);
  const make = mayRun && (
    <Button
      size="compact-md"
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => change({ schedule: "new" })}
    >
      Make a schedule
    </Button>
  );
  return (
    <>
      <Listing
        title="Schedules"
        label="Schedules of the engagement"
        columns={COLUMNS}
        rows={rows}
        more={more}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.name}
        onOpen={(row) => change({ schedule: row.id })}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={rows && rows.length > 0 && make}
        empty={
          <Empty icon={IconCalendarTime} title="Nothing starts by itself yet" action={make}>
            A schedule starts a flow at times that you name: a discovery every night, an assessment on the first of the
            month. It keeps to blackouts and does not start while its last flow still runs.
          </Empty>
        }
      />
      {!mayRun && <WhoMay to="flows.run">make schedules.</WhoMay>}
    </>
  );
}
