/** What a plan says beside its waves: how good it is, what it leaves, what it breaks. */
import { Group, List, Stack, Text } from "@mantine/core";
import { IconSnowflake } from "@tabler/icons-react";
import decisions from "@/gates/Decide.module.css";
import { counted, share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { dayOf } from "@/ui/time";
import { type Board, byReason, type Wish } from "./board";
import type { FrozenSpan } from "./calendar";
import classes from "./plans.module.css";
import { boundSaid, objectiveSaid, STATUS, wishTitle } from "./words";

export interface FiguresProps {
  board: Board;
  /** The plan before it was changed. */
  before?: Board;
  /** Whether the changes break a hard rule. */
  isBroken?: boolean;
}

export function Figures({ board, before, isBroken = false }: FiguresProps) {
  const status = STATUS[isBroken ? "infeasible" : board.status];
  const changed = before && before.objective !== board.objective && before.objective !== null;
  return (
    <Section title="How good it is">
      <dl className={classes.figures}>
        <div>
          <dt>Solver</dt>
          <dd>
            <Tone tone={status.tone}>{status.word}</Tone>
            <Text size="md" mt={4}>
              {boundSaid(board.status, board.objective, board.bound)}
            </Text>
          </dd>
        </div>
        <div>
          <dt>Dependencies across waves</dt>
          <dd>
            <Text size="lg" fw={640} className="mf-number" ta="left">
              {board.objective === null ? "–" : share(board.objective)}
              {changed && (
                <Text component="span" size="md" c="dimmed">
                  {" "}
                  before: {share(before.objective ?? 0)}
                </Text>
              )}
            </Text>
            <Text size="md">{objectiveSaid(board.objective)}</Text>
          </dd>
        </div>
        <div>
          <dt>Wishes not met</dt>
          <dd>
            <Text size="lg" fw={640}>
              {board.wishes.length}
            </Text>
            <Text size="md">Wishes may be broken, hard rules may not.</Text>
          </dd>
        </div>
        <div>
          <dt>Moves</dt>
          <dd>
            <Text size="lg" fw={640}>
              {counted(board.items.length, "application")}
            </Text>
            <Text size="md">
              in {counted(board.waves.length, "wave")}; {board.unplanned.length} in none
            </Text>
          </dd>
        </div>
      </dl>
    </Section>
  );
}

export function Wishes({ title, wishes, none }: { title: string; wishes: readonly Wish[]; none: string }) {
  return (
    <Section title={title}>
      {wishes.length === 0 ? (
        <Text c="dimmed">{none}</Text>
      ) : (
        <ul className={classes.rows}>
          {wishes.map((wish) => (
            <li key={wish.sentence}>
              <Text fw={600}>{wishTitle(wish.wish)}</Text>
              <Text size="md">{wish.sentence}</Text>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Hybrids({ board }: { board: Board }) {
  return (
    <Section title="Dependencies between the two sites">
      {board.hybrids.length === 0 ? (
        <Text c="dimmed">Nothing that moves needs something that stays or moves later.</Text>
      ) : (
        <ul className={classes.rows}>
          {board.hybrids.map((one) => (
            <li key={one.risk}>
              <Group gap="sm" justify="space-between">
                <Text fw={600}>
                  {one.source} → {one.target}
                </Text>
                {one.wave !== null && (
                  <Text size="sm" c="dimmed">
                    from wave {one.wave}
                  </Text>
                )}
              </Group>
              <Text size="md">{one.risk}</Text>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function NotPlanned({ board }: { board: Board }) {
  return (
    <Section title="In no wave">
      {board.unplanned.length === 0 ? (
        <Text c="dimmed">Everything is in a wave.</Text>
      ) : (
        <ul className={classes.rows}>
          {byReason(board.unplanned).map(({ reason, names }) => (
            <li key={reason}>
              <Text fw={600}>{names.join(", ")}</Text>
              <Text size="md">{reason}</Text>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Assumptions({ board }: { board: Board }) {
  if (board.assumptions.length === 0) return null;
  return (
    <Section title="Assumed, since nobody said otherwise">
      <List size="md" spacing={4}>
        {board.assumptions.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
    </Section>
  );
}

export function Freezes({ freezes }: { freezes: readonly FrozenSpan[] }) {
  if (freezes.length === 0) return null;
  return (
    <Group className={decisions.banner} gap="md" wrap="nowrap" align="flex-start" role="note">
      <IconSnowflake size={20} stroke={1.7} aria-hidden className={decisions.bannerIcon} />
      <Stack gap={2}>
        <Text fw={600}>Freezes, hatched on the time axis</Text>
        {freezes.map((freeze) => (
          <Text key={`${freeze.start}${freeze.end}`} size="md">
            {dayOf(freeze.start)} to {dayOf(freeze.end)}:{" "}
            {freeze.scope === "all" ? "nothing moves" : "no production moves"}
          </Text>
        ))}
      </Stack>
    </Group>
  );
}
