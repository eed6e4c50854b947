/** The applications of an assessment, or of a gate over it. */
import { Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import type { Readiness } from "@/api/schema";
import { type DataColumn, DataTable, type Selection } from "@/ui/DataTable";
import { count, share } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import { isOverridden, type Subject } from "./proposals";
import { StrategyTag } from "./StrategyTag";
import { READINESS } from "./words";

export interface SubjectsTableProps<One extends Subject> {
  subjects: readonly One[];
  readiness?: ReadonlyMap<string, Readiness>;
  sort: string | undefined;
  onSort(sort: string): void;
  onOpen(subject: One): void;
  selection?: Selection;
}

export function SubjectsTable<One extends Subject>({ subjects, readiness, ...rest }: SubjectsTableProps<One>) {
  return (
    <DataTable
      label="Applications"
      columns={columnsOf(readiness)}
      rows={subjects}
      rowKey={(one) => one.id}
      rowLabel={(one) => one.name}
      height="36rem"
      {...rest}
    />
  );
}

function columnsOf<One extends Subject>(readiness?: ReadonlyMap<string, Readiness>): DataColumn<One>[] {
  const columns: DataColumn<One>[] = [
    {
      key: "name",
      header: "Application",
      sort: "name",
      cell: (one) => (
        <Text component="span" inherit fw={560}>
          {one.name}
          {!one.isApplication && (
            <Text component="span" inherit c="dimmed" fw={400}>
              {" "}
              · server alone
            </Text>
          )}
        </Text>
      ),
    },
    {
      key: "strategy",
      header: "Strategy",
      width: 11.5,
      sort: "strategy",
      cell: (one) => <StrategyTag strategy={one.strategy} was={one.ruleStrategy} />,
    },
    {
      key: "confidence",
      header: "Confidence",
      width: 7.5,
      numeric: true,
      sort: "confidence",
      cell: (one) => share(one.confidence),
    },
    {
      key: "completeness",
      header: "Facts known",
      width: 7.5,
      numeric: true,
      sort: "completeness",
      cell: (one) => share(one.completeness),
    },
    {
      key: "complexity",
      header: "Complexity",
      width: 7,
      numeric: true,
      sort: "complexity",
      cell: (one) => `${one.complexity} of 5`,
    },
    {
      key: "servers",
      header: "Servers",
      width: 6,
      numeric: true,
      sort: "servers",
      cell: (one) => count(one.servers),
    },
    {
      key: "overridden",
      header: "Decided by",
      width: 8.5,
      cell: (one) =>
        isOverridden(one) ? (
          <Tone tone="busy" icon={IconPencil}>
            Overridden
          </Tone>
        ) : (
          "Rules"
        ),
    },
  ];
  if (readiness) columns.splice(2, 0, readinessColumn(readiness));
  return columns;
}

function readinessColumn<One extends Subject>(readiness: ReadonlyMap<string, Readiness>): DataColumn<One> {
  return {
    key: "readiness",
    header: "Readiness",
    width: 12,
    cell: (one) => {
      const known = readiness.get(one.id);
      return known ? <Tone tone={READINESS[known].tone}>{READINESS[known].word}</Tone> : "–";
    },
  };
}
