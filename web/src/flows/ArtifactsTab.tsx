/** The files that the phases made. */
import { Button, Skeleton } from "@mantine/core";
import { IconDownload, IconFileOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { $api } from "@/api/client";
import { download } from "@/api/download";
import type { ArtifactOut, FlowOut, FlowTypeOut } from "@/api/schema";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { bytes } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { When } from "@/ui/When";
import { phaseTitle } from "./naming";

export function ArtifactsTab({ flow, type }: { flow: FlowOut; type: FlowTypeOut | undefined }) {
  const list = $api.useQuery("get", "/api/v1/flows/{flow_id}/artifacts", {
    params: { path: { flow_id: flow.flow_id } },
  });
  const fetching = useMutation({
    mutationFn: (file: ArtifactOut) => download(`/api/v1/artifacts/${file.id}`, file.name),
  });
  if (list.error && !list.data) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton height={160} aria-label="Loading files" />;
  const columns: DataColumn<ArtifactOut>[] = [
    {
      key: "name",
      header: "File",
      width: 22,
      cell: (file) => (
        <Button
          variant="subtle"
          size="compact-md"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => fetching.mutate(file)}
          aria-label={`Download ${file.name}`}
          maw="100%"
        >
          {file.name}
        </Button>
      ),
    },
    { key: "phase", header: "Made by", width: 14, cell: (file) => phaseTitle(type, file.phase) },
    { key: "round", header: "Round", width: 5, numeric: true, cell: (file) => file.iteration },
    { key: "size", header: "Size", width: 6, numeric: true, cell: (file) => bytes(file.size_bytes) },
    { key: "at", header: "Made", width: 8, numeric: true, cell: (file) => <When at={file.created_at} /> },
  ];
  return (
    <>
      {fetching.error && <ProblemNote error={fetching.error} />}
      <Section flush>
        {list.data.items.length === 0 ? (
          <Empty icon={IconFileOff} title="No files">
            The phases of this flow have made no files. Rows that could not be read, plans and reports show here.
          </Empty>
        ) : (
          <DataTable label="Files" columns={columns} rows={list.data.items} rowKey={(file) => file.id} />
        )}
      </Section>
    </>
  );
}
