/** Values set on many assets: choose them, see what changes, then set them with the count that was seen. */
import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api } from "@/api/client";
import type { ChosenIn } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { counted } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import { BulkPreview } from "./BulkPreview";
import { type Edits, missing, SETTABLE, UNTOUCHED, valuesOf } from "./bulk";
import { FieldEditor } from "./FieldEditor";

const LONGEST_REASON = 500;

export interface BulkEditProps {
  target: { filter: ChosenIn } | { ids: string[] };
  onClose(): void;
  onDone(): void;
}

export function BulkEdit({ target, onClose, onDone }: BulkEditProps) {
  const [edits, setEdits] = useState<Edits>(UNTOUCHED);
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const client = useQueryClient();
  const preview = $api.useMutation("post", "/api/v1/assets/bulk");
  const apply = $api.useMutation("post", "/api/v1/assets/bulk");
  const order = { ...target, set: valuesOf(edits), reason: reason.trim() };
  const lacks = missing(edits, reason);
  const seen = preview.data;

  const look = () => {
    setAsked(true);
    if (!lacks) preview.mutate({ body: { ...order, dry_run: true } });
  };
  const set = async (expected: number) => {
    const done = await apply
      .mutateAsync({ body: { ...order, dry_run: false, expected_count: expected } })
      .catch(() => null); // the problem is shown in the dialog
    if (!done) return;
    await client.invalidateQueries();
    notifications.show({
      title: `Values are set on ${counted(done.count, "asset")}`,
      message: "They hold for every later discovery, and can be taken back here.",
    });
    onDone();
  };
  const back = () => {
    preview.reset();
    apply.reset();
  };

  return (
    <Dialog onClose={onClose} size="xl" title={seen ? "What would change" : "Set values"}>
      {seen ? (
        <Stack gap="lg">
          <BulkPreview changes={seen} />
          {apply.error && <ProblemNote error={apply.error} onRetry={back} />}
          <Group justify="space-between">
            <Button variant="default" leftSection={<IconArrowLeft size={16} aria-hidden />} onClick={back}>
              Back
            </Button>
            <Button
              data-autofocus
              loading={apply.isPending}
              disabled={seen.changes.length === 0}
              onClick={() => void set(seen.count)}
            >
              Set on {counted(seen.count, "asset")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="md" component="form" onSubmit={(event) => event.preventDefault()}>
          <Text c="dimmed" size="md">
            What you set holds against every source, today and in later discoveries, until it is taken back.
          </Text>
          {SETTABLE.map((field) => (
            <FieldEditor
              key={field}
              field={field}
              edit={edits[field]}
              onChange={(edit) => setEdits({ ...edits, [field]: edit })}
            />
          ))}
          <Textarea
            label="Reason"
            description="Shown beside every value that you set"
            value={reason}
            maxLength={LONGEST_REASON}
            autosize
            minRows={2}
            required
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {asked && lacks && (
            <Alert color="orange" role="alert">
              {lacks}
            </Alert>
          )}
          {preview.error && <ProblemNote error={preview.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={preview.isPending} onClick={look}>
              Preview
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
