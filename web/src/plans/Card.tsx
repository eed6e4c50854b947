/** One application, or server alone, in a wave. */
import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowsMoveVertical, IconGripVertical, IconLink } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { StrategyTag } from "@/assessments/StrategyTag";
import { isStrategy } from "@/assessments/words";
import { useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { count, counted } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import type { Moving } from "./Board";
import type { BoardItem } from "./board";
import classes from "./plans.module.css";

export interface CardProps {
  item: BoardItem;
  assessmentId: string;
  moving?: Moving;
}

export function Card({ item, assessmentId, moving }: CardProps) {
  const me = useMe();
  const problem = moving?.problems.get(item.id);
  const from = moving?.from.get(item.id);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the link and buttons in it are heard here too
    <div
      className={classes.card}
      data-card={item.id}
      data-movable={moving ? true : undefined}
      data-moved={from !== undefined || undefined}
      data-forbidden={problem !== undefined || undefined}
      data-lifted={moving?.drag.dragged?.id === item.id || undefined}
      onPointerDown={moving && ((event) => moving.drag.begin(event, item.id))}
      onKeyDown={moving && ((event) => heard(event, item, moving))}
    >
      <Group gap={4} wrap="nowrap" justify="space-between" align="flex-start">
        <AnchorLink
          to="/e/$engagement/assessment/$assessmentId/$subjectId"
          params={{ engagement: me.engagement_id, assessmentId, subjectId: item.id }}
          fw={600}
          size="sm"
          draggable={false}
          aria-keyshortcuts={moving ? "M" : undefined}
        >
          {item.name}
        </AnchorLink>
        {moving && <Handles item={item} moving={moving} />}
      </Group>
      <Text size="xs" c="dimmed" className="mf-number" ta="left">
        {counted(item.servers, "server")} · {count(item.hours)} h · {count(item.storageGb)} GB
      </Text>
      <Group gap={6} mt={2}>
        {isStrategy(item.strategy) && (
          <Text component="span" size="xs">
            <StrategyTag strategy={item.strategy} />
          </Text>
        )}
        <Text component="span" size="xs" c="dimmed">
          {item.environment === "prod" ? "Production" : "Not production"}
          {item.criticality && ` · ${item.criticality}`}
        </Text>
        {item.moveGroup && (
          <Tooltip label={`Moves together: ${item.moveGroup}`} multiline maw={320}>
            <Text component="span" size="xs" c="dimmed">
              <IconLink size={12} aria-hidden /> group
            </Text>
          </Tooltip>
        )}
      </Group>
      {(from !== undefined || problem) && (
        <Group gap={6} mt={6}>
          {problem ? (
            <Tooltip label={problem} multiline maw={360}>
              <span>
                <Tone tone="bad">Not allowed here</Tone>
              </span>
            </Tooltip>
          ) : null}
          {from !== undefined && (
            <Tone tone="busy" icon={IconArrowsMoveVertical}>
              From wave {from}
            </Tone>
          )}
        </Group>
      )}
    </div>
  );
}

function Handles({ item, moving }: { item: BoardItem; moving: Moving }) {
  return (
    <Group gap={0} wrap="nowrap">
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`Move ${item.name} to wave…`}
        title="Move to wave… (M)"
        onClick={() => moving.ask(item.id)}
      >
        <IconArrowsMoveVertical size={14} aria-hidden />
      </ActionIcon>
      <span className={classes.grip} data-grip aria-hidden>
        <IconGripVertical size={16} />
      </span>
    </Group>
  );
}

function heard(event: KeyboardEvent, item: BoardItem, moving: Moving): void {
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "m" || event.key === "M") {
    event.preventDefault();
    moving.ask(item.id);
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    moving.move(item.id, item.wave + (event.key === "ArrowDown" ? 1 : -1));
  }
}
