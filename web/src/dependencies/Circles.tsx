/** The circles of the estate by name, and how the graph is read. */
import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconRefreshAlert } from "@tabler/icons-react";
import type { GraphOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import classes from "./DependenciesPage.module.css";

export interface CirclesProps {
  graph: GraphOut;
  chosen: string | undefined;
  onChoose(cycle: string | undefined): void;
}

export function Circles({ graph, chosen, onChoose }: CirclesProps) {
  return (
    <Stack gap="md">
      <Section title={graph.cycles.length > 0 ? `Circles (${graph.cycles.length})` : "Circles"}>
        <Stack gap="sm">
          {graph.cycles.length === 0 && <Tone tone="good">No application needs itself in a circle</Tone>}
          {graph.cycles.map(({ number, sentence, applications }) => {
            const isChosen = chosen === String(number);
            return (
              <UnstyledButton
                key={number}
                className={classes.circle}
                aria-pressed={isChosen}
                onClick={() => onChoose(isChosen ? undefined : String(number))}
              >
                <Tone tone="bad" icon={IconRefreshAlert}>
                  Circle {number} · {applications.length} applications
                </Tone>
                <Text size="md" mt={6}>
                  {sentence}
                </Text>
              </UnstyledButton>
            );
          })}
        </Stack>
      </Section>
      <Section title="How to read it">
        <Stack gap="sm">
          <Sample width={2}>Hard: they move together, or what is needed moves first</Sample>
          <Sample width={2} dash="6 5">
            Soft: it bears a longer line
          </Sample>
          <Sample width={5}>Thicker: more connections</Sample>
          <Sample width={2} isCycle>
            Closes a circle
          </Sample>
          <Text size="sm" c="dimmed">
            The arrow points at what is needed. Choose a line to see its evidence, and + to see the servers of an
            application.
          </Text>
        </Stack>
      </Section>
    </Stack>
  );
}

function Sample({
  width,
  dash,
  isCycle,
  children,
}: {
  width: number;
  dash?: string;
  isCycle?: boolean;
  children: string;
}) {
  return (
    <Group gap="sm" wrap="nowrap">
      <svg width={40} height={10} aria-hidden="true" className={classes.sample} data-cycle={isCycle || undefined}>
        <line x1={0} y1={5} x2={40} y2={5} stroke="currentColor" strokeWidth={width} strokeDasharray={dash} />
      </svg>
      <Text size="sm">{children}</Text>
    </Group>
  );
}
