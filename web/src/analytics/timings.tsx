/** How long phases run and flows wait: the median and the 95th percentile, with the table of each. */
import { BarChart } from "@/ui/charts/BarChart";
import { type ChartColumn, ChartWithTable } from "@/ui/charts/ChartWithTable";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { span } from "@/ui/time";
import { phaseName, QUANTILES, quantileBar, slowest, waitName } from "./figures";
import { MOST_BARS, Nothing, type Part } from "./parts";

/** The columns of what was timed, in seconds for the file and in words for the reader. */
function timed<
  Row extends { count: number; total_seconds: number; p50_seconds?: number | null; p95_seconds?: number | null },
>(what: string): ChartColumn<Row>[] {
  const seconds = (key: "p50_seconds" | "p95_seconds" | "total_seconds", header: string): ChartColumn<Row> => ({
    key,
    header,
    fileHeader: `${header} (s)`,
    value: (row) => row[key],
    cell: (row) => {
      const value = row[key];
      return value === null || value === undefined ? "–" : span(value);
    },
    numeric: true,
  });
  return [
    { key: "count", header: what, value: (row) => row.count, numeric: true },
    seconds("p50_seconds", "p50"),
    seconds("p95_seconds", "p95"),
    seconds("total_seconds", "In all"),
  ];
}

export function Durations({ report }: Part) {
  const rows = slowest(report.phases);
  const slow = rows[0];
  return (
    <Section title="How long phases run">
      {!slow ? (
        <Nothing>No phase ended with a result in these days.</Nothing>
      ) : (
        <ChartWithTable
          name="Phase durations"
          columns={[{ key: "phase", header: "Phase", value: phaseName }, ...timed<typeof slow>("Runs")]}
          rows={rows}
          rowKey={phaseName}
          chart={
            <BarChart
              label={`Durations of ${counted(rows.length, "phase")}; the slowest is ${phaseName(slow)} with 95 % within ${span(slow.p95_seconds ?? 0)}.`}
              unit="time"
              quantity="seconds"
              format={span}
              series={QUANTILES}
              bars={rows.slice(0, MOST_BARS).map((row) => quantileBar(phaseName(row), phaseName(row), row))}
            />
          }
        />
      )}
      {rows.length > MOST_BARS && <Nothing>The chart shows the {MOST_BARS} slowest; the table has all.</Nothing>}
    </Section>
  );
}

export function Waiting({ report }: Part) {
  const rows = slowest(report.waits);
  const longest = rows[0];
  return (
    <Section title="How long flows wait">
      {!longest ? (
        <Nothing>No flow has waited for approval or input in these days, or none of the waits has ended yet.</Nothing>
      ) : (
        <ChartWithTable
          name="Waiting times"
          columns={[{ key: "wait", header: "Wait", value: waitName }, ...timed<typeof longest>("Waits")]}
          rows={rows}
          rowKey={waitName}
          chart={
            <BarChart
              label={`Waiting times that ended; the longest are ${waitName(longest)} with 95 % within ${span(longest.p95_seconds ?? 0)}.`}
              unit="time"
              quantity="seconds"
              format={span}
              series={QUANTILES}
              bars={rows.slice(0, MOST_BARS).map((row) => quantileBar(waitName(row), waitName(row), row))}
            />
          }
        />
      )}
    </Section>
  );
}
