/** The decision: what stands against it, and approve or reject, each with what happens next. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { EditProblemOut, GateOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { PreviewTone } from "./Changes";
import { countOf } from "./edits";
import classes from "./GatePage.module.css";
import type { Draft } from "./useDraft";
import type { PreviewState } from "./usePreview";
import type { Standing } from "./useStanding";
import { anyOf, dueOf, GATE_STATUS, quorumOf } from "./waiting";

const AnswerDialog = lazy(() => import("./AnswerDialog").then(({ AnswerDialog }) => ({ default: AnswerDialog })));

const MOST_PROBLEMS = 4;

interface PanelProps {
  gate: GateOut;
  standing: Standing;
  draft: Draft;
  state: PreviewState;
}

export function DecisionPanel(props: PanelProps) {
  const { gate, standing } = props;
  const due = dueOf(gate);
  const status = GATE_STATUS[gate.status];
  return (
    <Section title="Decision">
      <Stack gap="sm">
        <Group gap="xs">
          <Tone tone={status.tone}>{status.words}</Tone>
          {due && <Tone tone={due.tone}>{due.words}</Tone>}
        </Group>
        <Text size="sm" c="dimmed">
          {quorumOf(gate)}
          {gate.four_eyes && ", four eyes"}
        </Text>
        {gate.status === "open" && <WhyNot standing={standing} />}
        {gate.status === "open" && <Buttons {...props} />}
      </Stack>
    </Section>
  );
}

function Problems({ problems }: { problems: readonly EditProblemOut[] }) {
  const said = [...new Set(problems.map(({ message }) => message))];
  return (
    <div>
      <Text size="sm">Correct or undo what is wrong, then approve:</Text>
      <ul className={classes.problems}>
        {said.slice(0, MOST_PROBLEMS).map((message) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
      {said.length > MOST_PROBLEMS && <Text size="sm">and {said.length - MOST_PROBLEMS} more, at their cells</Text>}
    </div>
  );
}

function WhyNot({ standing }: { standing: Standing }) {
  if (!standing.isKnown || standing.mayApprove) return null;
  return (
    <Text size="md">
      {standing.whyNot ?? "Your roles may not decide this gate."}{" "}
      {standing.deciders.length > 0
        ? `${anyOf(standing.deciders)} may.`
        : "Nobody else may either: ask an administrator to add an approver."}
    </Text>
  );
}

function Buttons({ gate, standing, draft, state }: PanelProps) {
  const [verdict, setVerdict] = useState<"approve" | "reject" | null>(null);
  const edits = countOf(draft.edits);
  const problems = state.preview?.problems.length ?? 0;
  const isChecked = edits === 0 || (state.preview !== null && !state.isOld && problems === 0);
  return (
    <>
      {edits > 0 && standing.mayApprove && (
        <Group gap="xs">
          <Text size="sm">With {counted(edits, "edit")}</Text>
          <PreviewTone state={state} />
        </Group>
      )}
      {standing.mayApprove && (
        <Button
          fullWidth
          leftSection={<IconCheck size={17} aria-hidden />}
          disabled={!isChecked}
          onClick={() => setVerdict("approve")}
        >
          {edits > 0 ? "Approve with edits" : "Approve"}
        </Button>
      )}
      {standing.mayReject && (
        <Button
          fullWidth
          variant="default"
          leftSection={<IconX size={17} aria-hidden />}
          onClick={() => setVerdict("reject")}
        >
          Reject
        </Button>
      )}
      {problems > 0 && standing.mayApprove && <Problems problems={state.preview?.problems ?? []} />}
      {verdict && (
        <Suspense>
          <AnswerDialog
            gate={gate}
            draft={draft}
            verdict={verdict}
            changes={edits}
            noun="edit"
            onClose={() => setVerdict(null)}
            onDecided={() => setVerdict(null)}
          />
        </Suspense>
      )}
    </>
  );
}
