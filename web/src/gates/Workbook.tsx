/** The question as a workbook: to take along, and to bring back with edits. */

import { Button, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { saveAs } from "@/ui/saving";
import { Refusal } from "./AnswerDialog";
import { isOutdated, useFresh } from "./useDecide";

export function Workbook({ gate, mayApprove }: { gate: GateOut; mayApprove: boolean }) {
  const [file, setFile] = useState<File | null>(null);
  const download = useMutation({ mutationFn: () => downloaded(gate.id) });
  return (
    <Section title="Workbook">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Edit it in a spreadsheet, without a connection, and bring it back.
        </Text>
        <Group gap="sm">
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            loading={download.isPending}
            onClick={() => download.mutate()}
          >
            Download
          </Button>
          {mayApprove && (
            <FileButton onChange={setFile} accept=".xlsx" inputProps={{ "aria-label": "Edited workbook" }}>
              {(props) => (
                <Button
                  {...props}
                  size="compact-md"
                  variant="default"
                  leftSection={<IconUpload size={15} aria-hidden />}
                >
                  Approve by workbook
                </Button>
              )}
            </FileButton>
          )}
        </Group>
        {download.error && <ProblemNote error={download.error} />}
      </Stack>
      {file && (
        <Dialog onClose={() => setFile(null)} title="Approve with this workbook">
          <Bring gate={gate} file={file} onDone={() => setFile(null)} />
        </Dialog>
      )}
    </Section>
  );
}

async function downloaded(gateId: string): Promise<void> {
  const { data } = await api.GET("/api/v1/gates/{gate_id}/workbook", {
    params: { path: { gate_id: gateId } },
    parseAs: "blob",
  });
  if (data) saveAs(data as Blob, `gate-${gateId}.xlsx`);
}

function Bring({ gate, file, onDone }: { gate: GateOut; file: File; onDone(): void }) {
  const [reason, setReason] = useState("");
  const fresh = useFresh();
  const bring = useMutation({
    mutationFn: () => brought(gate.id, file, reason.trim()),
    onSuccess: () => {
      notifications.show({
        message: "Approved with the workbook's edits.",
        closeButtonProps: { "aria-label": "Close" },
      });
      onDone();
      void fresh();
    },
    onError: (error) => {
      if (isOutdated(error)) void fresh();
    },
  });
  return (
    <Stack>
      <Text size="md">
        {file.name} is compared with what is asked. If every edited cell can be taken, this approves the gate with those
        edits; if not, each cell is named and nothing changes.
      </Text>
      <Textarea
        label="Remark (optional)"
        maxLength={2000}
        autosize
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Refusal error={bring.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button loading={bring.isPending} onClick={() => bring.mutate()}>
          Approve with its edits
        </Button>
      </Group>
    </Stack>
  );
}

async function brought(gateId: string, file: File, reason: string): Promise<void> {
  const form = new FormData();
  form.append("file", file);
  if (reason) form.append("reason", reason);
  await api.POST("/api/v1/gates/{gate_id}/workbook", {
    params: { path: { gate_id: gateId } },
    body: { file: file.name },
    bodySerializer: () => form,
  });
}
