/** The bar under a page that decides a gate: what was changed, what is against it, and the answer. */
import { ActionIcon, Box, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { GateOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import { AnswerDialog } from "./AnswerDialog";
import classes from "./Decide.module.css";
import type { Draft } from "./useDraft";
import { type Standing, useStanding } from "./useStanding";

export interface DecideBarProps {
  gate: GateOut;
  draft: Draft;
  /** How many things were changed, which may be fewer than cells. */
  changes: number;
  /** What one change is called: "override", "move". */
  noun: string;
  /** Sentences about why nobody could approve this. */
  problems: string[];
  isChecking: boolean;
  /** What would be approved, for the last look before it. */
  summary: ReactNode;
  onDecided(): void;
}

export function DecideBar(props: DecideBarProps) {
  const { gate, draft, changes, noun, problems, isChecking } = props;
  const [asked, setAsked] = useState<"approve" | "reject" | null>(null);
  const standing = useStanding(gate);
  const isBlocked = problems.length > 0 || isChecking;
  return (
    <Box component="section" className={classes.bar} aria-label="Decision">
      <div role="alert">
        {problems.length > 0 && !isChecking && <Against problems={problems} noun={noun} undo={draft.undo} />}
      </div>
      <Group justify="space-between" gap="md">
        <Group gap="sm">
          <Steps draft={draft} />
          <Text fw={600} className="mf-number" role="status" aria-live="polite">
            {changes === 0 ? `No ${noun}s` : counted(changes, noun)}
          </Text>
          {isChecking && <Tone tone="busy">Checking</Tone>}
          {!isChecking && problems.length === 0 && changes > 0 && <Tone tone="good">Checked: no problems</Tone>}
        </Group>
        <Group gap="sm">
          {!standing.mayApprove && <WhyNot standing={standing} />}
          {standing.mayReject && (
            <Button variant="default" onClick={() => setAsked("reject")}>
              Reject…
            </Button>
          )}
          {standing.mayApprove && (
            <Button disabled={isBlocked} onClick={() => setAsked("approve")}>
              {changes === 0 ? "Approve…" : `Approve with ${counted(changes, noun)}…`}
            </Button>
          )}
        </Group>
      </Group>
      {asked && <AnswerDialog {...props} verdict={asked} onClose={() => setAsked(null)} />}
    </Box>
  );
}

const MOST_SHOWN = 3;

function Against({ problems, noun, undo }: { problems: string[]; noun: string; undo(): void }) {
  const more = problems.length - MOST_SHOWN;
  return (
    <div className={classes.against}>
      <Group justify="space-between" gap="sm" mb={4}>
        <Tone tone="bad">{counted(problems.length, "problem")} to solve before approval</Tone>
        <Button size="compact-sm" variant="default" onClick={undo}>
          Undo the last {noun}
        </Button>
      </Group>
      <ul className={classes.problems}>
        {problems.slice(0, MOST_SHOWN).map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </div>
  );
}

function Steps({ draft: { canUndo, canRedo, undo, redo, clear } }: { draft: Draft }) {
  return (
    <Group gap={4}>
      <Tooltip label="Undo (Ctrl Z)">
        <ActionIcon variant="default" aria-label="Undo" disabled={!canUndo} onClick={undo}>
          <IconArrowBackUp size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Ctrl Shift Z)">
        <ActionIcon variant="default" aria-label="Redo" disabled={!canRedo} onClick={redo}>
          <IconArrowForwardUp size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {canUndo && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={clear}>
          Discard all
        </Button>
      )}
    </Group>
  );
}

function WhyNot({ standing }: { standing: Standing }) {
  if (!standing.isKnown) return null;
  return (
    <Text size="md" c="dimmed" maw="32rem">
      {standing.whyNot ?? "You may look at this, but not approve it."}
      {standing.deciders.length > 0 && ` It can be approved by ${standing.deciders.join(", ")}.`}
    </Text>
  );
}
