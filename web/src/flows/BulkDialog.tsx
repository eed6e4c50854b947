/** A command on many flows: first the count, then the order, then how far it is. */
import { Button, Group, List, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/api/client";
import type { BulkCommand, BulkJobOut, PreviewOut } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { counted } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import { BulkProgress } from "./BulkProgress";
import { countedFirst, wordsOf } from "./bulk";
import { ReasonBox } from "./CommandDialog";

export interface BulkDialogProps {
  command: BulkCommand;
  ids: string[];
  onClose(isOrdered: boolean): void;
}

export function BulkDialog({ command, ids, onClose }: BulkDialogProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { preview, error } = usePreview(command, ids);
  const order = useMutation({
    mutationFn: () => sendBulk(command, ids, { reason: reason.trim() || null }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows"] }),
  });
  const job = order.data && "items" in order.data ? order.data : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    order.mutate();
  };
  const { label } = wordsOf(command);
  return (
    <Dialog onClose={() => onClose(job !== null)} title={`${label} ${counted(ids.length, "flow")}`} size="lg">
      {job ? (
        <BulkProgress job={job} onClose={() => onClose(true)} />
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            {error && <ProblemNote error={error} />}
            {preview ? <Preview preview={preview} /> : !error && <Skeleton height={60} aria-label="Counting" />}
            <ReasonBox reason={reason} onChange={setReason} isNeeded={false} />
            {order.error && <ProblemNote error={order.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => onClose(false)}>
                Leave it
              </Button>
              <Button
                type="submit"
                loading={order.isPending}
                disabled={!preview || preview.would_move === 0}
                color={command === "cancel" || command === "delete" ? "red" : undefined}
              >
                {preview && preview.would_move > 0 ? `${label} ${counted(preview.would_move, "flow")}` : label}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

function usePreview(command: BulkCommand, ids: string[]) {
  const { data, error } = useQuery({
    queryKey: ["bulk preview", command, ids],
    queryFn: () => sendBulk(command, ids, { dry_run: true }),
    staleTime: 0,
  });
  return { preview: data && "would_move" in data ? data : null, error };
}

function Preview({ preview }: { preview: PreviewOut }) {
  return (
    <Stack gap="sm" aria-live="polite">
      <Text size="lg" fw={600}>
        {countedFirst(preview.command, preview.would_move, preview.selected)}
      </Text>
      {preview.refusals.length > 0 && (
        <List size="md">
          {preview.refusals.map((one) => (
            <List.Item key={one.reason}>
              {counted(one.count, "flow")}: {one.reason}
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

async function sendBulk(
  command: BulkCommand,
  ids: string[],
  how: { reason?: string | null; dry_run?: boolean },
): Promise<BulkJobOut | PreviewOut> {
  const { data } = await api.POST("/api/v1/flows/bulk", {
    body: { command, selection: { flow_ids: ids }, dry_run: how.dry_run ?? false, reason: how.reason ?? null },
  });
  if (!data) throw new Error("the answer to a command on many flows is empty");
  return data;
}
