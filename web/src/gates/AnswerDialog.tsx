/** The last look before a gate is answered: what would be approved, what happens next, and why. */
import { Alert, Button, Group, List, Stack, Text, Textarea } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { $api } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { GateOut } from "@/api/schema";
import { Choice } from "@/ui/Choice";
import { Dialog } from "@/ui/Dialog";
import { counted } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import classes from "./Decide.module.css";
import { cellsOf } from "./edits";
import { afterApproval, afterRejection, waysBack } from "./next";
import { isOutdated, useDecide } from "./useDecide";
import type { Draft } from "./useDraft";

const LONGEST_REASON = 2_000;
const LEFT_TO_THE_FLOW = "";

export interface AnswerDialogProps {
  gate: GateOut;
  draft: Draft;
  verdict: "approve" | "reject";
  /** How many things were changed, which may be fewer than cells. */
  changes: number;
  /** What one change is called: "override", "move". */
  noun: string;
  /** What would be approved, where the page does not show it. */
  summary?: ReactNode;
  onClose(): void;
  onDecided(): void;
}

export function AnswerDialog({ gate, draft, verdict, changes, noun, summary, onClose, onDecided }: AnswerDialogProps) {
  const [reason, setReason] = useState("");
  const [to, setTo] = useState(LEFT_TO_THE_FLOW);
  const type = $api.useQuery("get", "/api/v1/flow-types/{name}", { params: { path: { name: gate.flow_type } } }).data;
  const { give, error, isPending } = useDecide(gate, () => {
    draft.clear();
    onDecided();
  });
  const isRejection = verdict === "reject";
  const send = () =>
    give({
      verdict,
      reason: reason.trim() || null,
      content_hash: gate.content_hash,
      ...(isRejection ? { to: to || null } : { edits: cellsOf(draft.edits) }),
    });
  return (
    <Dialog onClose={onClose} size="lg" title={isRejection ? "Reject this proposal" : approval(changes, noun)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Stack gap="md">
          {!isRejection && summary && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
            <section className={classes.summary} aria-label="What would be approved" tabIndex={0}>
              {summary}
            </section>
          )}
          <List size="md">
            {(isRejection ? afterRejection(gate, type, to || null) : afterApproval(gate, type, changes, noun)).map(
              (sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ),
            )}
          </List>
          {isRejection && changes > 0 && (
            <Text fw={560}>Your {counted(changes, noun)} will not be kept: a rejection takes no edits.</Text>
          )}
          {isRejection && (
            <Choice
              label="Back to"
              data={[
                { value: LEFT_TO_THE_FLOW, label: "Where this gate leads by itself" },
                ...waysBack(gate.phase, type),
              ]}
              value={to}
              onChange={(phase) => setTo(phase ?? LEFT_TO_THE_FLOW)}
              allowDeselect={false}
            />
          )}
          <Textarea
            label={isRejection ? "What has to be different" : "Remark (optional)"}
            description="Everybody who reads the history sees it."
            required={isRejection}
            withAsterisk={false}
            maxLength={LONGEST_REASON}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Refusal error={error} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={isRejection ? "red" : undefined}
              loading={isPending}
              disabled={isRejection && reason.trim() === ""}
            >
              {isRejection ? "Reject" : changes > 0 ? "Approve with edits" : "Approve"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function approval(changes: number, noun: string): string {
  return changes === 0 ? "Approve as proposed" : `Approve with ${counted(changes, noun)}`;
}

export function Refusal({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  if (error instanceof ApiProblem && isOutdated(error))
    return (
      <Alert
        color="gray"
        variant="outline"
        icon={<IconRefresh aria-hidden />}
        title="Something changed meanwhile"
        role="alert"
      >
        {error.problem.detail} The page shows it as it is now: look again, then decide. Your edits are kept in this
        browser.
      </Alert>
    );
  return <ProblemNote error={error} />;
}
