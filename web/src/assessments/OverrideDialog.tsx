/** Gives applications another strategy than the rules say, for a reason. */
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Strategy } from "@/api/schema";
import type { Change } from "@/gates/edits";
import { Dialog } from "@/ui/Dialog";
import { counted } from "@/ui/numbers";
import { override, type Proposal, type Subject } from "./proposals";
import { StrategyPicker } from "./StrategyPicker";

export interface OverrideDialogProps {
  subjects: readonly Subject[];
  children?: ReactNode;
  onSave(step: Change[]): void;
  onClose(): void;
}

export function OverrideDialog({ subjects, children, onSave, onClose }: OverrideDialogProps) {
  const [only] = subjects;
  const title =
    subjects.length === 1 && only ? only.name : `Set the strategy of ${counted(subjects.length, "application")}`;
  return (
    <Dialog onClose={onClose} title={title} size="lg">
      <Stack gap="md">
        {children}
        <OverrideForm subjects={subjects} onSave={onSave} onCancel={onClose} />
      </Stack>
    </Dialog>
  );
}

export function OverrideForm({
  subjects,
  onSave,
  onCancel,
}: {
  subjects: readonly Subject[];
  onSave(step: Change[]): void;
  onCancel?(): void;
}) {
  const common = commonOf(subjects);
  const [strategy, setStrategy] = useState<Strategy | null>(common?.strategy ?? null);
  const [reason, setReason] = useState(common?.overrideReason ?? "");
  const differs = strategy !== null && subjects.some((one) => one.ruleStrategy !== strategy);
  const isReady = strategy !== null && (!differs || reason.trim() !== "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && strategy) onSave(override(subjects, strategy, reason));
      }}
    >
      <Stack gap="md">
        <StrategyPicker value={strategy} rule={ruleOf(subjects)} onChange={setStrategy} />
        <Textarea
          label="Reason"
          description={
            differs
              ? "Kept beside what the rules said, in the assessment and in the history"
              : "Needed only where the strategy differs from the rules"
          }
          autosize
          minRows={2}
          maxLength={2_000}
          required={differs}
          disabled={!differs}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" disabled={!isReady}>
            {differs ? "Keep this override" : "Follow the rules"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What the gate says about one proposal. */
export function ProposalFacts({ proposal }: { proposal: Proposal }) {
  return (
    <Stack gap="xs">
      <Text size="md">
        <b>Why:</b> {proposal.reason || "No reason was recorded."}
      </Text>
      {proposal.wouldChange && (
        <Text size="md">
          <b>What would change it:</b> {proposal.wouldChange}
        </Text>
      )}
    </Stack>
  );
}

function commonOf(subjects: readonly Subject[]): Subject | undefined {
  const [first] = subjects;
  return first && subjects.every((one) => one.strategy === first.strategy) ? first : undefined;
}

function ruleOf(subjects: readonly Subject[]): Strategy | undefined {
  const [first] = subjects;
  return first && subjects.every((one) => one.ruleStrategy === first.ruleStrategy) ? first.ruleStrategy : undefined;
}
