/** The parts of an application's sheet that the rules wrote. */
import { Alert, Group, Text } from "@mantine/core";
import { IconArrowRight, IconPencil } from "@tabler/icons-react";
import { share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { spoken } from "@/ui/words";
import classes from "./assessments.module.css";
import { StrategyTag } from "./StrategyTag";
import type { Assessment } from "./useAssessment";
import { STRATEGY_MEANS } from "./words";

type Recommendation = Assessment["recommendations"][number];

export function StrategySheet({ subject }: { subject: Recommendation }) {
  const isOverridden = subject.strategy !== subject.rule_strategy;
  return (
    <Section title="Strategy">
      <Group gap="sm" mb={4}>
        <Text component="span" size="xl" fw={640}>
          <StrategyTag strategy={subject.strategy} was={subject.rule_strategy} />
        </Text>
        {isOverridden && (
          <Tone tone="busy" icon={IconPencil}>
            Overridden
          </Tone>
        )}
      </Group>
      <Text size="md" c="dimmed" mb="md">
        {STRATEGY_MEANS[subject.strategy]}.
      </Text>
      {isOverridden && (
        <Alert
          variant="light"
          icon={<IconPencil aria-hidden />}
          title="A person decided otherwise than the rules"
          mb="md"
        >
          {subject.override_reason}
        </Alert>
      )}
      <dl className={classes.facts}>
        <Figure title="Confidence" value={share(subject.confidence)} filled={subject.confidence} />
        <Figure title="Facts known" value={share(subject.completeness)} filled={subject.completeness} />
        <Figure title="Score of the rules" value={subject.score.toFixed(2)} filled={subject.score} />
        <Figure title="Complexity" value={`${subject.complexity} of 5`} filled={subject.complexity / 5} />
      </dl>
    </Section>
  );
}

function Figure({ title, value, filled }: { title: string; value: string; filled: number }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        <span className={classes.meter} aria-hidden>
          <span style={{ width: `${Math.round(filled * 100)}%` }} />
        </span>
      </dd>
    </div>
  );
}

export function Reasons({ subject }: { subject: Recommendation }) {
  return (
    <Section title="Why">
      {subject.reasons.length === 0 ? (
        <Text c="dimmed">No fact speaks for or against it; it is what is left.</Text>
      ) : (
        <ul className={classes.list}>
          {subject.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Turns({ subject }: { subject: Recommendation }) {
  return (
    <Section title="What would change it">
      {subject.would_change.length === 0 ? (
        <Text c="dimmed">No single fact would change this strategy.</Text>
      ) : (
        <ul className={classes.rows}>
          {subject.would_change.map((turn) => (
            <li key={turn.sentence}>
              <Text size="md">{turn.sentence}</Text>
              <Group gap={6} mt={4}>
                {turn.facts.map(([name, value]) => (
                  <Text key={name} component="span" size="sm" c="dimmed">
                    {spoken(name ?? "")}: {value === "True" ? "yes" : value === "False" ? "no" : value}
                  </Text>
                ))}
                <IconArrowRight size={14} aria-hidden />
                <Text component="span" size="sm" fw={600}>
                  <StrategyTag strategy={turn.verdict} />
                </Text>
              </Group>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function OtherStrategies({ subject }: { subject: Recommendation }) {
  return (
    <Section title="The other strategies">
      <ul className={classes.rows}>
        {subject.runner_ups.map((one) => (
          <li key={one.strategy}>
            <Group gap="sm">
              <Text component="span" fw={600}>
                <StrategyTag strategy={one.strategy} />
              </Text>
              <Tone tone="rest">Runner-up, score {one.score.toFixed(2)}</Tone>
            </Group>
            <Text size="md">{one.reasons.join(" ") || "It is possible, and comes after."}</Text>
          </li>
        ))}
        {subject.not_recommended.map((one) => (
          <li key={one.strategy}>
            <Text component="span" fw={600}>
              <StrategyTag strategy={one.strategy} />
            </Text>
            <Text size="md">{one.why}</Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}
