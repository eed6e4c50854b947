/** The waves over time, each with its load and the applications that move in it. */

import { Button, Group, Portal, Stack, Text } from "@mantine/core";
import { IconSnowflake } from "@tabler/icons-react";
import { useState } from "react";
import { shortDay } from "@/ui/days";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { SearchBox } from "@/ui/SearchBox";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { dayOf } from "@/ui/time";
import type { Board as BoardData, BoardItem, BoardWave } from "./board";
import { isOver } from "./board";
import { Card } from "./Card";
import { type Calendar, calendarOf, type FrozenSpan } from "./calendar";
import { hoursSaid, LoadBars } from "./LoadBars";
import classes from "./plans.module.css";
import type { Drag } from "./useDrag";
import { CONFIDENCE, FREEZE } from "./words";

const CARDS = 40; // more are shown when asked for

/** What a board that can be changed offers its cards. */
export interface Moving {
  drag: Drag;
  /** The wave that an item had before it was moved. */
  from: ReadonlyMap<string, number>;
  /** Why an item may not be where it is. */
  problems: ReadonlyMap<string, string>;
  /** Ask for the wave to move to. */
  ask(id: string): void;
  move(id: string, wave: number): void;
}

export interface BoardProps {
  board: BoardData;
  freezes: readonly FrozenSpan[];
  moving?: Moving;
}

export function Board({ board, freezes, moving }: BoardProps) {
  const [search, setSearch] = usePageSearch();
  const text = one(search, "q") ?? "";
  const calendar = calendarOf(board.waves);
  const wanted = text.trim().toLocaleLowerCase();
  const dragged = moving?.drag.dragged;
  const lifted = board.items.find((item) => item.id === dragged?.id);
  return (
    <Section
      flush
      title="Waves"
      aside={<SearchBox size="xs" label="Search applications" value={text} onChange={(q) => setSearch({ q })} />}
    >
      <div className={classes.board}>
        <div className={classes.row}>
          <div className={classes.axisHead} />
          <div className={classes.axis} aria-hidden>
            {calendar?.months.map((month) => (
              <span
                key={month.key}
                className={classes.month}
                style={{ left: `${month.left * 100}%`, width: `${month.width * 100}%` }}
              >
                {month.label}
              </span>
            ))}
          </div>
        </div>
        {board.waves.map((wave) => (
          <Lane
            key={wave.number}
            wave={wave}
            items={board.items.filter((item) => item.wave === wave.number)}
            wanted={wanted}
            assessmentId={board.assessmentId}
            calendar={calendar}
            freezes={freezes}
            moving={moving}
          />
        ))}
      </div>
      {lifted && dragged && (
        <Portal>
          <div className={classes.ghost} style={{ left: dragged.x, top: dragged.y }}>
            <b>{lifted.name}</b>
            <br />
            {dragged.over === null ? "Drop it on a wave" : `To wave ${dragged.over}`}
          </div>
        </Portal>
      )}
    </Section>
  );
}

interface LaneProps {
  wave: BoardWave;
  items: BoardItem[];
  wanted: string;
  assessmentId: string;
  calendar: Calendar | null;
  freezes: readonly FrozenSpan[];
  moving?: Moving;
}

function Lane({ wave, items, wanted, assessmentId, calendar, freezes, moving }: LaneProps) {
  const [isOpen, setOpen] = useState(false);
  const fitting = wanted ? items.filter((item) => item.name.toLocaleLowerCase().includes(wanted)) : items;
  const shown = isOpen ? fitting : fitting.slice(0, CARDS);
  return (
    <section className={classes.row} aria-label={`Wave ${wave.number}`}>
      <Stack gap="xs" className={classes.laneHead}>
        <LaneHead wave={wave} count={items.length} />
      </Stack>
      <div
        className={classes.lane}
        data-lane={wave.number}
        data-over={moving?.drag.dragged?.over === wave.number || undefined}
      >
        <Grid calendar={calendar} freezes={freezes} />
        <WaveBar wave={wave} calendar={calendar} />
        <ul className={classes.cards}>
          {shown.map((item) => (
            <li key={item.id}>
              <Card item={item} assessmentId={assessmentId} moving={moving} />
            </li>
          ))}
        </ul>
        {items.length === 0 && (
          <Text size="sm" c="dimmed" px="md" mt="sm">
            Nothing moves in this wave.
          </Text>
        )}
        {fitting.length > shown.length && (
          <Button size="compact-sm" variant="subtle" ml="md" mt="sm" onClick={() => setOpen(true)}>
            Show {fitting.length - shown.length} more
          </Button>
        )}
      </div>
    </section>
  );
}

function LaneHead({ wave, count }: { wave: BoardWave; count: number }) {
  const confidence = CONFIDENCE[wave.confidence];
  return (
    <>
      <div>
        <Group justify="space-between" gap="xs">
          <Text component="h3" fw={640}>
            Wave {wave.number}
          </Text>
          <Text size="sm" c="dimmed">
            {counted(count, "application")}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {shortDay(wave.start)} to {dayOf(wave.end)}
        </Text>
      </div>
      {wave.freeze !== "none" && (
        <Tone tone="wait" icon={IconSnowflake}>
          {FREEZE[wave.freeze]}
        </Tone>
      )}
      <LoadBars wave={wave} />
      {confidence && (
        <span title={wave.note}>
          <Tone tone={confidence.tone}>{confidence.word}</Tone>
        </span>
      )}
    </>
  );
}

function Grid({ calendar, freezes }: { calendar: Calendar | null; freezes: readonly FrozenSpan[] }) {
  return (
    <div className={classes.grid} aria-hidden>
      {calendar?.months.map((month) => (
        <span key={month.key} className={classes.line} style={{ left: `${month.left * 100}%` }} />
      ))}
      {freezes.map((freeze) => {
        const at = calendar?.place(freeze);
        return (
          at && (
            <span
              key={`${freeze.start}${freeze.end}${freeze.scope}`}
              className={classes.freeze}
              style={{ left: `${at.left * 100}%`, width: `${at.width * 100}%` }}
            />
          )
        );
      })}
    </div>
  );
}

function WaveBar({ wave, calendar }: { wave: BoardWave; calendar: Calendar | null }) {
  const at = calendar?.place(wave);
  if (!at) return null;
  const { used, capacity } = wave.hours;
  const said = `Wave ${wave.number}: ${shortDay(wave.start)} to ${shortDay(wave.end)}, ${hoursSaid(wave.hours)}`;
  return (
    <div className={classes.track}>
      <div
        className={classes.wave}
        data-over={isOver(wave.hours) || undefined}
        style={{ left: `${at.left * 100}%`, width: `${at.width * 100}%` }}
        role="img"
        aria-label={said}
        title={said}
      >
        <span
          className={classes.fill}
          style={{ width: `${capacity === null ? 100 : (100 * used) / Math.max(capacity, 1)}%` }}
        />
        <div className={classes.waveText}>
          {wave.number} · {hoursSaid(wave.hours)}
        </div>
      </div>
    </div>
  );
}
