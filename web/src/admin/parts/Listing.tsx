/** A list of the API on a surface: skeleton, problem, what to say when it is empty, or the table. */
import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { DataTable, type DataTableProps } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";

export interface ListingProps<Row> extends Omit<DataTableProps<Row>, "rows"> {
  title: string;
  aside?: ReactNode;
  rows: readonly Row[] | undefined;
  error: unknown;
  onRetry(): void;
  empty: ReactNode;
}

export function Listing<Row>({ title, aside, rows, error, onRetry, empty, ...table }: ListingProps<Row>) {
  return (
    <Section title={title} aside={aside} flush>
      {Boolean(error) && <ProblemNote error={error} onRetry={onRetry} />}
      {!rows && !error && <Skeleton height={140} m="md" w="auto" role="status" aria-label="Loading" />}
      {rows?.length === 0 && empty}
      {rows && rows.length > 0 && <DataTable rows={rows} {...table} />}
    </Section>
  );
}
