/** The parts of the report: each a chart with its table. */
import type { AnalyticsOut, CauseOut, CountsOut, FlowStatus } from "@/api/schema";
import { STATUS } from "@/flows/status";
import { useMe } from "@/session/me";
import { BarChart } from "@/ui/charts/BarChart";
import { type ChartColumn, ChartWithTable } from "@/ui/charts/ChartWithTable";
import { LineChart } from "@/ui/charts/LineChart";
import { AnchorLink } from "@/ui/links";
import { counted, share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { dayOf } from "@/ui/time";
import { spoken } from "@/ui/words";
import {
  byEnd,
  byStatus,
  causeName,
  ENDS,
  isQuiet,
  lastSeen,
  type Stretch,
  stretches,
  stretchName,
  sum,
} from "./figures";
import { MOST_BARS, Nothing, type Part } from "./parts";

export function Standing({ report }: Part) {
  const { series, bars } = byStatus(report.flows);
  const states = (Object.keys(STATUS) as FlowStatus[]).filter((state) =>
    report.flows.some((type) => (type.by_status[state] ?? 0) > 0),
  );
  type Row = AnalyticsOut["flows"][number];
  const columns: ChartColumn<Row>[] = [
    { key: "type", header: "Type", value: (row) => spoken(row.flow_type) },
    ...states.map((state) => ({
      key: state,
      header: STATUS[state].word,
      value: (row: Row) => row.by_status[state] ?? 0,
      numeric: true,
    })),
    { key: "total", header: "All", value: (row) => row.total, numeric: true },
  ];
  return (
    <Section title="Flows by type and status">
      {bars.length === 0 ? (
        <Nothing>There is no flow now; deleted ones are not counted.</Nothing>
      ) : (
        <ChartWithTable
          name="Flows by type and status"
          columns={columns}
          rows={report.flows}
          rowKey={(row) => row.flow_type}
          chart={
            <BarChart
              label={`${counted(sum(report.flows.map(({ total }) => total)), "flow")} of ${counted(bars.length, "type")} by status.`}
              unit="flows"
              series={series}
              bars={bars}
            />
          }
        />
      )}
    </Section>
  );
}

const THROUGHPUT: ChartColumn<Stretch>[] = [
  {
    key: "when",
    header: "Days",
    value: (row) => (row.first === row.last ? row.first : `${row.first}/${row.last}`),
    cell: stretchName,
  },
  { key: "created", header: "Started", value: (row) => row.created, numeric: true },
  { key: "completed", header: "Completed", value: (row) => row.completed, numeric: true },
  { key: "failed", header: "Failed", value: (row) => row.failed, numeric: true },
  { key: "cancelled", header: "Cancelled", value: (row) => row.cancelled, numeric: true },
];

export function Throughput({ report }: Part) {
  const all = stretches(report);
  const by = all.some(({ first, last }) => first !== last) ? "week" : "day";
  const busy = all.filter((stretch) => !isQuiet(stretch)).reverse();
  const completed = sum(all.map((stretch) => stretch.completed));
  return (
    <Section title={`Throughput by ${by}`}>
      {busy.length === 0 ? (
        <Nothing>No flow was started or ended in these days. Choose a longer span above.</Nothing>
      ) : (
        <ChartWithTable
          name={`Throughput by ${by}`}
          columns={THROUGHPUT}
          rows={busy}
          rowKey={(row) => row.first}
          chart={
            <LineChart
              label={`${counted(sum(all.map(({ created }) => created)), "flow")} started and ${completed} completed in ${counted(all.length, by)}.`}
              unit={`flows a ${by}`}
              days={all.map(({ first }) => first)}
              series={[
                { key: "created", label: "Started", look: 0 },
                { key: "completed", label: "Completed", look: 2 },
              ]}
              values={[all.map(({ created }) => created), all.map((stretch) => stretch.completed)]}
            />
          }
        />
      )}
    </Section>
  );
}

const END_COLUMNS: ChartColumn<CountsOut>[] = [
  { key: "type", header: "Type", value: (row) => spoken(row.flow_type) },
  { key: "completed", header: "Completed", value: (row) => row.completed, numeric: true },
  { key: "failed", header: "Failed", value: (row) => row.failed, numeric: true },
  { key: "cancelled", header: "Cancelled", value: (row) => row.cancelled, numeric: true },
  {
    key: "rate",
    header: "Success",
    fileHeader: "Success (share)",
    value: (row) => row.success_rate,
    cell: (row) => (row.success_rate === null || row.success_rate === undefined ? "–" : share(row.success_rate)),
    numeric: true,
  },
  { key: "retries", header: "Retries by people", value: (row) => row.retries, numeric: true },
  { key: "phase_retries", header: "Retries by the engine", value: (row) => row.phase_retries, numeric: true },
  { key: "rollbacks", header: "Rollbacks", value: (row) => row.rollbacks, numeric: true },
  { key: "approved", header: "Gates approved", value: (row) => row.gates_approved, numeric: true },
  { key: "rejected", header: "Gates rejected", value: (row) => row.gates_rejected, numeric: true },
];

export function Ends({ report }: Part) {
  const bars = byEnd(report.totals);
  const all = stretches(report);
  const by = all.some(({ first, last }) => first !== last) ? "week" : "day";
  return (
    <Section title="Success and failure">
      {bars.length === 0 ? (
        <Nothing>No flow ended in these days.</Nothing>
      ) : (
        <ChartWithTable
          name="Success and failure by type"
          columns={END_COLUMNS}
          rows={report.totals}
          rowKey={(row) => row.flow_type}
          chart={
            <BarChart
              label={`How flows ended, by ${by}: ${ENDS.map(({ key, label }) => `${sum(all.map((one) => one[key as "failed"]))} ${label.toLowerCase()}`).join(", ")}.`}
              unit={`flows a ${by}`}
              orientation="vertical"
              series={ENDS}
              bars={all.map((one) => ({
                key: one.first,
                label: by === "day" ? stretchName(one) : stretchName({ ...one, last: one.first }),
                values: [one.completed, one.failed, one.cancelled],
              }))}
            />
          }
        />
      )}
    </Section>
  );
}

export function Causes({ report }: Part) {
  const me = useMe();
  const rows = [...report.failures].sort((a, b) => b.count - a.count);
  const key = (cause: CauseOut) => `${cause.flow_type} ${causeName(cause)} ${cause.error_class}`;
  const columns: ChartColumn<CauseOut>[] = [
    { key: "type", header: "Type", value: (row) => spoken(row.flow_type) },
    { key: "phase", header: "Phase", value: (row) => (row.phase ? spoken(row.phase) : "") },
    { key: "code", header: "Code", value: (row) => row.code },
    { key: "class", header: "Kind of error", value: (row) => row.error_class },
    { key: "count", header: "Failures", value: (row) => row.count, numeric: true },
    {
      key: "last",
      header: "Last on",
      value: lastSeen,
      cell: (row) => {
        const day = lastSeen(row);
        return day ? dayOf(day) : "–";
      },
      numeric: true,
    },
  ];
  return (
    <Section
      title="Why flows fail"
      aside={
        rows.length > 0 && (
          <AnchorLink
            to="/e/$engagement/flows"
            params={{ engagement: me.engagement_id }}
            search={{ status: "failed" }}
            size="md"
          >
            To the failed flows
          </AnchorLink>
        )
      }
    >
      {rows.length === 0 ? (
        <Nothing>No flow failed in these days.</Nothing>
      ) : (
        <ChartWithTable
          name="Causes of failure"
          columns={columns}
          rows={rows}
          rowKey={key}
          chart={
            <BarChart
              label={`${counted(sum(rows.map(({ count }) => count)), "failure")} by ${counted(rows.length, "cause")}; most often ${rows[0] ? causeName(rows[0]) : ""}.`}
              unit="failures"
              series={[{ key: "count", label: "Failures", look: 4 }]}
              bars={rows.slice(0, MOST_BARS).map((row) => ({
                key: key(row),
                label: `${spoken(row.flow_type)}: ${causeName(row).toLowerCase()}`,
                values: [row.count],
              }))}
            />
          }
        />
      )}
    </Section>
  );
}
