/** The phases of a flow over time: each attempt, each wait, and what counts no more. */
import { Box, UnstyledButton, VisuallyHidden } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircle,
  IconCircleCheck,
  IconFileAlert,
  IconHandStop,
  IconLoader2,
  IconPlayerPause,
} from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import type { EventOut, FlowOut, FlowTypeOut, ResultOut } from "@/api/schema";
import { span, stamp } from "@/ui/time";
import classes from "./Timeline.module.css";
import { positionOf, type Spell, type Stretch, spellsOf, stretchesOf, workedSeconds } from "./timeline";

export interface TimelineProps {
  flow: FlowOut;
  type: FlowTypeOut | undefined;
  events: readonly EventOut[];
  results: readonly ResultOut[];
  chosen: string | null;
  onChoose(phase: string): void;
}

const TICK_MS = 1_000;

export function Timeline({ flow, type, events, results, chosen, onChoose }: TimelineProps) {
  const isLive = flow.status === "running" || flow.status.startsWith("waiting") || flow.status === "paused";
  const now = useNow(isLive);
  const phases = useMemo(() => namesOf(type, flow, events), [type, flow, events]);
  const spells = useMemo(
    () => spellsOf(events, results, { names: phases.map((one) => one.name), current: flow.current_phase }),
    [events, results, phases, flow.current_phase],
  );
  const stretches = stretchesOf(spells, now);
  return (
    <>
      <div className={classes.timeline}>
        {phases.map((phase) => (
          <Row
            key={phase.name}
            title={phase.title}
            spells={spells.filter((spell) => spell.phase === phase.name)}
            stretches={stretches}
            now={now}
            isChosen={chosen === phase.name}
            onChoose={() => onChoose(phase.name)}
          />
        ))}
        <Axis stretches={stretches} isLive={isLive} />
      </div>
      <Legend spells={spells} stretches={stretches} />
    </>
  );
}

function namesOf(type: FlowTypeOut | undefined, flow: FlowOut, events: readonly EventOut[]) {
  if (type) return type.phases;
  const seen = new Set(events.map((event) => event.phase).filter((phase) => phase !== null));
  if (flow.current_phase) seen.add(flow.current_phase);
  return [...seen].map((name) => ({ name, title: name }));
}

function useNow(isLive: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return now;
}

interface RowProps {
  title: string;
  spells: Spell[];
  stretches: Stretch[];
  now: number;
  isChosen: boolean;
  onChoose(): void;
}

function Row({ title, spells, stretches, now, isChosen, onChoose }: RowProps) {
  const worked = workedSeconds(spells, now);
  const last = spells.at(-1);
  return (
    <UnstyledButton
      className={classes.row}
      data-chosen={isChosen || undefined}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      <span className={classes.name} data-future={last ? undefined : true} title={title}>
        <StateIcon spell={last} />
        <span>{title}</span>
      </span>
      <span className={classes.track} aria-hidden>
        {stretches
          .filter((stretch) => stretch.isShortened)
          .map((stretch) => (
            <span
              key={stretch.from}
              className={classes.stretch}
              style={{ left: percent(stretch.left), width: percent(stretch.right - stretch.left) }}
            />
          ))}
        {spells.map((spell) => (
          <Bar key={`${spell.kind} ${spell.start}`} spell={spell} stretches={stretches} now={now} />
        ))}
      </span>
      <VisuallyHidden>{spells.map((spell) => `${wordsOf(spell, now)}. `).join("") || "Not reached."}</VisuallyHidden>
      <span className={classes.time} aria-hidden>
        {worked === null ? "" : span(worked)}
      </span>
    </UnstyledButton>
  );
}

function Bar({ spell, stretches, now }: { spell: Spell; stretches: Stretch[]; now: number }) {
  const left = positionOf(spell.start, stretches);
  const right = positionOf(spell.end ?? now, stretches);
  return (
    <span
      className={classes.spell}
      data-kind={spell.kind}
      data-outcome={spell.kind === "work" ? spell.outcome : undefined}
      data-superseded={spell.isSuperseded || undefined}
      title={wordsOf(spell, now)}
      style={{ left: percent(Math.min(left, 0.995)), width: percent(right - left) }}
    />
  );
}

const ICONS = { approval: IconHandStop, input: IconFileAlert, pause: IconPlayerPause };

function StateIcon({ spell }: { spell: Spell | undefined }) {
  if (!spell || spell.isSuperseded) return <IconCircle size={16} color="var(--mf-strong-line)" aria-hidden />;
  if (spell.kind !== "work" && spell.end === null) {
    const Icon = ICONS[spell.kind];
    return <Icon size={16} color="var(--mf-wait)" aria-hidden />;
  }
  if (spell.end === null) return <IconLoader2 size={16} color="var(--mf-busy)" aria-hidden />;
  if (spell.outcome === "failed") return <IconAlertTriangle size={16} color="var(--mf-bad)" aria-hidden />;
  if (spell.outcome === "done") return <IconCircleCheck size={16} color="var(--mf-good)" aria-hidden />;
  return <IconCircle size={16} color="var(--mf-strong-line)" aria-hidden />;
}

const KIND_WORDS = { approval: "Waited for approval", input: "Waited for input", pause: "Was paused" };
const OUTCOME_WORDS = {
  done: "Completed",
  failed: "Failed",
  retried: "Ended with an error and was tried again",
  stopped: "Stopped",
  running: "Runs",
};

function wordsOf(spell: Spell, now: number): string {
  const lasted = span(((spell.end ?? now) - spell.start) / 1000);
  const what = spell.kind === "work" ? OUTCOME_WORDS[spell.outcome] : KIND_WORDS[spell.kind];
  const which = spell.iteration > 1 ? `, round ${spell.iteration}` : "";
  const counts = spell.isSuperseded ? ", superseded" : "";
  return `${what}, ${lasted}, from ${stamp(new Date(spell.start).toISOString())}${which}${counts}`;
}

function Axis({ stretches, isLive }: { stretches: Stretch[]; isLive: boolean }) {
  const first = stretches[0];
  const last = stretches.at(-1);
  if (!first || !last) return null;
  return (
    <div className={classes.axis}>
      <span className={classes.ends}>
        <span>{stamp(new Date(first.from).toISOString())}</span>
        <span>{isLive ? "now" : stamp(new Date(last.to).toISOString())}</span>
      </span>
    </div>
  );
}

function Legend({ spells, stretches }: { spells: Spell[]; stretches: Stretch[] }) {
  const kinds = new Set(spells.map((spell) => spell.kind));
  const outcomes = new Set(spells.filter((spell) => spell.kind === "work").map((spell) => spell.outcome));
  if (spells.length === 0) return null;
  return (
    <Box className={classes.legend} aria-hidden>
      {outcomes.has("done") && <Sign outcome="done" words="completed" />}
      {outcomes.has("running") && <Sign outcome="running" words="running" />}
      {outcomes.has("failed") && <Sign outcome="failed" words="failed" />}
      {(outcomes.has("retried") || outcomes.has("stopped")) && <Sign outcome="retried" words="ended early" />}
      {(kinds.has("approval") || kinds.has("input")) && <Sign kind="approval" words="waited for a person" />}
      {kinds.has("pause") && <Sign kind="pause" words="paused" />}
      {spells.some((spell) => spell.isSuperseded) && <Sign outcome="done" isSuperseded words="superseded" />}
      {stretches.some((stretch) => stretch.isShortened) && <span>Waits are drawn shorter than they were.</span>}
    </Box>
  );
}

function Sign({
  kind = "work",
  outcome,
  isSuperseded,
  words,
}: {
  kind?: string;
  outcome?: string;
  isSuperseded?: boolean;
  words: string;
}) {
  return (
    <span>
      <span
        className={classes.spell}
        data-kind={kind}
        data-outcome={outcome}
        data-superseded={isSuperseded || undefined}
      />
      {words}
    </span>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
