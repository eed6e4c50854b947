/** Where an open plan is changed and decided: cards move between waves, and the server checks each move at once. */
import { Alert, Button, Group, Skeleton, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { GateOut } from "@/api/schema";
import decisions from "@/gates/Decide.module.css";
import { DecideBar } from "@/gates/DecideBar";
import { GateGone } from "@/gates/GateGone";
import { type Draft, useDraft } from "@/gates/useDraft";
import { useGate } from "@/gates/useGate";
import { usePreview } from "@/gates/usePreview";
import { useUndoKeys } from "@/gates/useUndoKeys";
import { useMe } from "@/session/me";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { Board } from "./Board";
import { type Board as BoardData, fromGate, moveTo, wishChanges, withMoves } from "./board";
import { Assumptions, Figures, Freezes, Hybrids, NotPlanned, Wishes } from "./Details";
import { MoveDialog } from "./MoveDialog";
import classes from "./plans.module.css";
import { useDrag } from "./useDrag";
import { useFreezes } from "./useFreezes";

export function GatePlan({ gateId }: { gateId: string }) {
  const me = useMe();
  const here = { engagement: me.engagement_id };
  const { data: gate, error, refetch } = useGate(gateId);
  const asked = useMemo(() => (gate ? fromGate(gate.output) : null), [gate]);
  return (
    <Page
      title="Decide the plan"
      about={gate && <About gate={gate} />}
      actions={
        <ButtonLink variant="default" to="/e/$engagement/plan" params={here}>
          Approved plan
        </ButtonLink>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!gate && !error && <Skeleton height={480} />}
      {gate && !asked && (
        <Alert color="orange" variant="light" title="This gate asks about something else">
          It belongs to the phase {spoken(gate.phase)}.{" "}
          <AnchorLink to="/e/$engagement/inbox/$gateId" params={{ ...here, gateId }}>
            Open it in the inbox
          </AnchorLink>
        </Alert>
      )}
      {gate && asked && gate.status !== "open" && (
        <Section>
          <GateGone
            gate={gate}
            action={
              <ButtonLink to="/e/$engagement/plan" params={here}>
                To the plan
              </ButtonLink>
            }
          />
        </Section>
      )}
      {gate && asked && gate.status === "open" && <Deciding gate={gate} asked={asked} />}
    </Page>
  );
}

function About({ gate }: { gate: GateOut }) {
  return (
    <>
      {gate.asks} {gate.flow_name ?? gate.flow_type_title}
      {gate.due_at && (
        <>
          {" "}
          · due <When at={gate.due_at} />
        </>
      )}
      {gate.status === "open" && " · Drag a card to another wave, or press M on it."}
    </>
  );
}

interface Moved {
  id: string;
  name: string;
  from: number;
  to: number;
}

function Deciding({ gate, asked }: { gate: GateOut; asked: BoardData }) {
  const me = useMe();
  const navigate = useNavigate();
  const draft = useDraft(gate.id, gate.content_hash);
  useUndoKeys(draft);
  const state = usePreview(gate, draft.edits);
  const checked = state.isOld ? null : state.preview;
  const board = useMemo(
    () => (checked && fromGate(checked.output)) ?? withMoves(asked, draft.edits),
    [asked, draft.edits, checked],
  );
  const problems = checked?.problems ?? [];
  const freezes = useFreezes(gate.flow_id);
  const [asking, setAsking] = useState<string | null>(null);
  const move = (id: string, wave: number) => {
    setAsking(null);
    if (!board.waves.some((one) => one.number === wave)) return;
    draft.add(moveTo(board, id, wave));
    refocus(id);
  };
  const drag = useDrag(move);
  const moved = movedOf(asked, board);
  const wishes = wishChanges(asked.wishes, board.wishes);
  return (
    <>
      <Figures board={board} before={asked} isBroken={problems.length > 0} />
      {Boolean(state.error) && <ProblemNote error={state.error} onRetry={state.retry} />}
      <Freezes freezes={freezes} />
      <Board
        board={board}
        freezes={freezes}
        moving={{
          drag,
          move,
          ask: setAsking,
          from: new Map(moved.map((one) => [one.id, one.from])),
          problems: new Map(problems.flatMap((one) => (one.row ? [[one.row, one.message] as const] : []))),
        }}
      />
      <div className={classes.columns}>
        <Moves moved={moved} draft={draft} />
        <Wishes title="Newly broken wishes" wishes={wishes.added} none="The moves break no further wish." />
        <Wishes title="Wishes met by the moves" wishes={wishes.fixed} none="The moves meet no further wish." />
        <Wishes title="All wishes not met" wishes={board.wishes} none="Every wish is met." />
        <Hybrids board={board} />
        <NotPlanned board={board} />
        <Assumptions board={asked} />
      </div>
      <DecideBar
        gate={gate}
        draft={draft}
        changes={moved.length}
        noun="move"
        problems={problems.map((problem) => problem.message)}
        isChecking={state.isOld}
        summary={<Summary moved={moved} added={wishes.added.map((wish) => wish.sentence)} />}
        onDecided={() => void navigate({ to: "/e/$engagement/plan", params: { engagement: me.engagement_id } })}
      />
      {asking && <MoveDialog board={board} id={asking} onMove={move} onClose={() => setAsking(null)} />}
    </>
  );
}

function movedOf(before: BoardData, after: BoardData): Moved[] {
  const was = new Map(before.items.map((item) => [item.id, item.wave]));
  return after.items.flatMap((item) => {
    const from = was.get(item.id);
    return from === undefined || from === item.wave ? [] : [{ id: item.id, name: item.name, from, to: item.wave }];
  });
}

/** A card that moved is drawn anew in another lane: the focus follows it. */
function refocus(id: string): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"] a`)?.focus({ preventScroll: true }),
    ),
  );
}

function Moves({ moved, draft }: { moved: Moved[]; draft: Draft }) {
  return (
    <Section title="Moves">
      {moved.length === 0 ? (
        <Text c="dimmed">Nothing was moved: the plan is as the solver made it.</Text>
      ) : (
        <ul className={classes.rows}>
          {moved.map((one) => (
            <li key={one.id}>
              <Group justify="space-between" gap="sm">
                <Text>
                  <b>{one.name}</b> from wave {one.from} to wave {one.to}
                </Text>
                <Button size="compact-sm" variant="default" onClick={() => draft.putBack(one.id, "wave")}>
                  Put back
                </Button>
              </Group>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Summary({ moved, added }: { moved: Moved[]; added: string[] }) {
  return (
    <>
      {moved.length === 0 ? (
        <Text>The plan is approved as the solver made it.</Text>
      ) : (
        <ul className={decisions.problems}>
          {moved.map((one) => (
            <li key={one.id}>
              <b>{one.name}</b>: wave {one.from} to wave {one.to}
            </li>
          ))}
        </ul>
      )}
      {added.length > 0 && (
        <>
          <Group mt="sm">
            <Tone tone="wait">Newly broken wishes</Tone>
          </Group>
          <ul className={decisions.problems}>
            {added.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
