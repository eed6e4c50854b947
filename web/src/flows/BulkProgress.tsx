/** How far a command on many flows is, and which of them it could not move. */
import { Button, Group, List, Stack, Text } from "@mantine/core";
import { $api } from "@/api/client";
import type { BulkJobOut } from "@/api/schema";
import { Bar } from "@/ui/Bar";
import { ProblemNote } from "@/ui/ProblemNote";
import { shareOf, tallyOf } from "./bulk";

export function BulkProgress({ job: ordered, onClose }: { job: BulkJobOut; onClose(): void }) {
  const path = { job_id: ordered.id };
  const { data } = $api.useQuery("get", "/api/v1/flows/bulk/{job_id}", { params: { path } });
  const job = data ?? ordered;
  const isOver = job.finished_at !== null;
  const stop = $api.useMutation("post", "/api/v1/flows/bulk/{job_id}/cancel");
  return (
    <Stack gap="md">
      <Bar
        share={shareOf(job)}
        label="Progress of the command"
        tone={isOver && job.failed === 0 ? "good" : undefined}
      />
      <Text size="md" aria-live="polite">
        {tallyOf(job)}
      </Text>
      {isOver && job.refused + job.failed > 0 && <Refused jobId={job.id} />}
      {stop.error && <ProblemNote error={stop.error} />}
      <Group justify="flex-end">
        {!isOver && (
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate({ params: { path } })}>
            Stop here
          </Button>
        )}
        <Button onClick={onClose}>{isOver ? "Done" : "Let it run"}</Button>
      </Group>
    </Stack>
  );
}

function Refused({ jobId }: { jobId: string }) {
  const { data } = $api.useQuery("get", "/api/v1/flows/bulk/{job_id}/items", { params: { path: { job_id: jobId } } });
  const wrong = data?.items.filter((item) => item.outcome === "refused" || item.outcome === "failed") ?? [];
  return (
    <List size="sm" aria-label="Flows that were not moved">
      {wrong.map((item) => (
        <List.Item key={item.position}>{item.detail}</List.Item>
      ))}
    </List>
  );
}
