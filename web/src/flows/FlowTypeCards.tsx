/** The kinds of flow that can be run here, with what each does. */
import { Group, Text, Title } from "@mantine/core";
import { IconArrowRight, IconHandStop } from "@tabler/icons-react";
import type { FlowTypeOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { ButtonLink } from "@/ui/links";
import classes from "./FlowTypeCards.module.css";

export function FlowTypeCards({ types }: { types: FlowTypeOut[] }) {
  return (
    <>
      <div className={classes.cards}>
        {types.map((type) => (
          <Card key={type.name} type={type} />
        ))}
      </div>
      <Group gap="sm">
        <IconHandStop size={14} aria-hidden />
        <Text size="sm" c="dimmed">
          After this phase a person is asked before the flow goes on.
        </Text>
      </Group>
    </>
  );
}

function Card({ type }: { type: FlowTypeOut }) {
  const me = useMe();
  return (
    <article className={classes.card}>
      <Title order={2} size="h3">
        {type.title}
      </Title>
      <Text size="md">{type.summary}</Text>
      <ol className={classes.phases} aria-label={`Phases of ${type.title}`}>
        {type.phases.map((phase) => (
          <li key={phase.name}>
            <span>
              {phase.title}
              {phase.optional && " (optional)"}
            </span>
            {phase.gate_asks && <IconHandStop size={14} aria-label={`Asks: ${phase.gate_asks}`} role="img" />}
          </li>
        ))}
      </ol>
      <Group justify="flex-end">
        <ButtonLink
          to="/e/$engagement/flows/new"
          params={{ engagement: me.engagement_id }}
          search={{ type: type.name } as never}
          rightSection={<IconArrowRight size={16} aria-hidden />}
          aria-label={`New ${type.title.toLowerCase()}`}
        >
          Choose
        </ButtonLink>
      </Group>
    </article>
  );
}
