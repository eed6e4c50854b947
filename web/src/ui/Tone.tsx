/** A word with a tone: an icon, a tint and the word itself, so that the colour is never the only sign. */
import { Group, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconHandStop,
  IconLoader2,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Tone.module.css";

export type ToneName = "good" | "busy" | "wait" | "bad" | "rest";

const ICONS: Record<ToneName, TablerIcon> = {
  good: IconCircleCheck,
  busy: IconLoader2,
  wait: IconHandStop,
  bad: IconAlertTriangle,
  rest: IconCircleDashed,
};

export interface ToneProps {
  tone: ToneName;
  icon?: TablerIcon;
  children: ReactNode;
}

export function Tone({ tone, icon, children }: ToneProps) {
  const Icon = icon ?? ICONS[tone];
  return (
    <Group component="span" gap={6} wrap="nowrap" className={classes.tone} data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden />
      <Text component="span" size="xs" fw={560} className={classes.word}>
        {children}
      </Text>
    </Group>
  );
}
