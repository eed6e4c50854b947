/** What could not be used of a file, and what to do about it; to take along as CSV. */
import { Button, Skeleton, Text } from "@mantine/core";
import { IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { ImportOut, RejectOut } from "@/api/schema";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { count, counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { saveAs } from "@/ui/saving";
import { useRejects } from "./useRejects";

export function Rejects({ file }: { file: ImportOut }) {
  const { rejects, error, refetch } = useRejects(file.id);
  const download = useMutation({ mutationFn: () => downloaded(file) });
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!rejects) return <Skeleton height={240} role="status" aria-label="Loading" />;
  if (rejects.length === 0)
    return (
      <Section>
        <Empty icon={IconCircleCheck} title="Nothing was rejected">
          Every row that was read could be used{file.profile ? "" : "; the file was not read yet"}.
        </Empty>
      </Section>
    );
  return (
    <Section
      flush
      title={counted(rejects.length, "reject")}
      aside={
        <Button
          size="compact-md"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          Download as CSV
        </Button>
      }
    >
      {download.error && <ProblemNote error={download.error} />}
      <DataTable
        label="Rejects"
        columns={COLUMNS}
        rows={rejects}
        rowKey={(reject) => JSON.stringify([reject.place, reject.code, reject.value])}
        height="max(16rem, calc(100dvh - 26rem))"
      />
      <Text size="sm" c="dimmed" p="sm">
        Correct the rows and upload them again: a file of the same name replaces this one. The artifacts of the
        discovery hold files with just these rows.
      </Text>
    </Section>
  );
}

const COLUMNS: DataColumn<RejectOut>[] = [
  {
    key: "row",
    header: "Row",
    width: 5,
    numeric: true,
    cell: ({ place }) => (place.row === null ? "" : count(place.row)),
  },
  { key: "sheet", header: "Sheet", width: 7, cell: ({ place }) => place.sheet ?? "" },
  { key: "column", header: "Column", width: 10, cell: ({ place }) => <Long text={place.column} /> },
  {
    key: "message",
    header: "What is wrong, and what to do",
    width: 36,
    cell: ({ message }) => <Long text={message} />,
  },
  { key: "value", header: "Value", width: 13, cell: ({ value }) => <Long text={value} isCode /> },
];

function Long({ text, isCode = false }: { text: string | null; isCode?: boolean }) {
  return (
    <span title={text ?? undefined} className={isCode ? "mf-mono" : undefined}>
      {text}
    </span>
  );
}

async function downloaded(file: ImportOut): Promise<void> {
  const { data } = await api.GET("/api/v1/imports/{import_id}/rejects", {
    params: { path: { import_id: file.id }, query: { format: "csv" } },
    parseAs: "blob",
  });
  if (data) saveAs(data as Blob, `${file.file_name} rejects.csv`);
}
