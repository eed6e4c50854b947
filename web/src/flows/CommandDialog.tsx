/** Asks before a command: what it does, and why one does it. */
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { FlowOut } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { ProblemNote } from "@/ui/ProblemNote";
import type { CommandName } from "./commands";
import { useCommand } from "./useCommand";

type Asked = Exclude<CommandName, "retry" | "rollback">;

const WORDS: Record<Asked, { title: string; says: string; button: string; isGrave?: boolean; needsReason?: boolean }> =
  {
    execute: { title: "Start the flow", says: "It runs to its next wait.", button: "Start" },
    pause: {
      title: "Pause the flow",
      says: "It stops at the next boundary of a phase, or earlier where the phase allows it. Nothing is lost.",
      button: "Pause",
    },
    pauseAtOnce: {
      title: "Pause the flow at once",
      says: "What the running phase has not finished is given up; the phase runs again from its start when you resume.",
      button: "Pause at once",
    },
    resume: { title: "Resume the flow", says: "It runs on where it stopped.", button: "Resume" },
    skip: {
      title: "Skip this phase",
      says: "The flow goes on without the result of the phase that failed. Say why: it stays in the history.",
      button: "Skip the phase",
      needsReason: true,
    },
    cancel: {
      title: "Cancel the flow",
      says: "The flow ends for good. What its phases computed stays readable.",
      button: "Cancel the flow",
      isGrave: true,
    },
    delete: {
      title: "Delete the flow",
      says: "The flow leaves every list. Nothing is erased, and it can be restored.",
      button: "Delete",
      isGrave: true,
    },
    restore: { title: "Restore the flow", says: "The flow comes back into the lists as it was.", button: "Restore" },
  };

export function CommandDialog({ flow, command, onClose }: { flow: FlowOut; command: Asked; onClose(): void }) {
  const [reason, setReason] = useState("");
  const order = useCommand(flow, onClose);
  const { title, says, button, isGrave, needsReason } = WORDS[command];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    order.mutate({ command, reason: reason.trim() || null });
  };
  return (
    <Dialog onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="md">{says}</Text>
          {command !== "delete" && <ReasonBox reason={reason} onChange={setReason} isNeeded={needsReason ?? false} />}
          {order.error && <ProblemNote error={order.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button
              type="submit"
              color={isGrave ? "red" : undefined}
              loading={order.isPending}
              disabled={needsReason && reason.trim() === ""}
            >
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

export function ReasonBox({
  reason,
  onChange,
  isNeeded,
}: {
  reason: string;
  onChange(text: string): void;
  isNeeded: boolean;
}) {
  return (
    <Textarea
      label="Reason"
      description="Kept in the history of the flow"
      value={reason}
      onChange={(event) => onChange(event.currentTarget.value)}
      required={isNeeded}
      maxLength={2000}
      autosize
      minRows={2}
    />
  );
}
