/** The risk register: a matrix of likelihood and impact that narrows the list beside it. */
import { Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { RiskOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { Tone, type ToneName } from "@/ui/Tone";
import classes from "./assessments.module.css";
import { cellCounts, cellKey, grouped, IMPACT, type Level, LIKELIHOOD, levelOf, type RiskGroup, SCALE } from "./risks";

const LEVEL_TONE: Record<Level, ToneName> = { low: "good", medium: "wait", high: "bad" };
const SHOWN = 8; // names of a risk
const FIRST = 10; // risks of the list

export function Risks({
  risks,
  cell,
  onCell,
}: {
  risks: readonly RiskOut[];
  cell: string | undefined;
  onCell(cell: string | undefined): void;
}) {
  const [isAll, setAll] = useState(false);
  const groups = grouped(risks, cell);
  const shown = isAll ? groups : groups.slice(0, FIRST);
  return (
    <div className={classes.register}>
      <Section title="Risk matrix">
        <Matrix risks={risks} cell={cell} onCell={onCell} />
      </Section>
      <Section
        title={cell ? "Risks of this cell" : "Risks, the gravest first"}
        aside={
          cell && (
            <Button size="compact-sm" variant="default" onClick={() => onCell(undefined)}>
              Show all
            </Button>
          )
        }
      >
        {groups.length === 0 ? (
          <Text c="dimmed">No risks were found here.</Text>
        ) : (
          <ul className={classes.rows}>
            {shown.map((group) => (
              <Entry key={group.key} group={group} />
            ))}
          </ul>
        )}
        {shown.length < groups.length && (
          <Button variant="default" mt="md" onClick={() => setAll(true)}>
            Show {groups.length - shown.length} more
          </Button>
        )}
      </Section>
    </div>
  );
}

function Matrix({
  risks,
  cell,
  onCell,
}: {
  risks: readonly RiskOut[];
  cell: string | undefined;
  onCell(cell: string | undefined): void;
}) {
  const counts = cellCounts(risks);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.scroll} aria-label="Risk matrix" tabIndex={0}>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <th scope="col">Likelihood ↓ Impact →</th>
            {SCALE.map((impact) => (
              <th key={impact} scope="col">
                {impact} {IMPACT[impact - 1]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {SCALE.toReversed().map((likelihood) => (
            <tr key={likelihood}>
              <th scope="row">
                {LIKELIHOOD[likelihood - 1]} {likelihood}
              </th>
              {SCALE.map((impact) => {
                const key = cellKey(likelihood, impact);
                const number = counts.get(key) ?? 0;
                const level = levelOf(likelihood, impact);
                return (
                  <td key={impact}>
                    {number === 0 ? (
                      <span className={classes.cell} data-level={level} />
                    ) : (
                      <UnstyledButton
                        className={classes.cell}
                        data-level={level}
                        data-chosen={cell === key || undefined}
                        aria-pressed={cell === key}
                        aria-label={`${counted(number, "risk")}: likelihood ${likelihood}, impact ${impact}, ${level}`}
                        onClick={() => onCell(cell === key ? undefined : key)}
                      >
                        {number}
                      </UnstyledButton>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <Group gap="sm" mt="sm">
        {(["low", "medium", "high"] as const).map((level) => (
          <Tone key={level} tone={LEVEL_TONE[level]}>
            {level === "low" ? "Low" : level === "medium" ? "Medium" : "High"}
          </Tone>
        ))}
      </Group>
    </section>
  );
}

function Entry({ group: { risk, subjects } }: { group: RiskGroup }) {
  const [isOpen, setOpen] = useState(false);
  const level = levelOf(risk.likelihood, risk.impact);
  const shown = isOpen ? subjects : subjects.slice(0, SHOWN);
  return (
    <li>
      <Stack gap={4}>
        <Group gap="sm">
          <Tone tone={LEVEL_TONE[level]}>{level === "low" ? "Low" : level === "medium" ? "Medium" : "High"}</Tone>
          <Text size="sm" c="dimmed">
            Likelihood {risk.likelihood} × impact {risk.impact} · {counted(subjects.length, "subject")}
          </Text>
        </Group>
        <Text fw={560}>{risk.sentence}</Text>
        <Text size="md">
          {shown.join(", ")}{" "}
          {subjects.length > SHOWN && (
            <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Show fewer" : `and ${subjects.length - SHOWN} more`}
            </Button>
          )}
        </Text>
        <Text size="md" c="dimmed">
          What to do: {risk.mitigation}
        </Text>
        <Text size="md" c="dimmed">
          It has come about when: {risk.trigger}
        </Text>
      </Stack>
    </li>
  );
}
