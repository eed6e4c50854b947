/** The way from a gate to the place where its proposal is worked on. */
import { Group, Text } from "@mantine/core";
import { IconClipboardCheck, IconTimeline } from "@tabler/icons-react";
import type { GateOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { ButtonLink } from "@/ui/links";
import classes from "./GatePage.module.css";

const PLACES = {
  wave_planning: {
    to: "/e/$engagement/plan",
    icon: IconTimeline,
    label: "Open the plan board",
    about: "See the waves on a time line, move applications between them, and check every constraint as you go.",
  },
  recommendation_generation: {
    to: "/e/$engagement/assessment",
    icon: IconClipboardCheck,
    label: "Open the assessment",
    about: "See the portfolio, the reasons of each strategy, and what would change it.",
  },
} as const;

export function Board({ gate }: { gate: GateOut }) {
  const { engagement_id: engagement } = useMe();
  const place = gate.phase === "wave_planning" ? PLACES.wave_planning : PLACES.recommendation_generation;
  const Icon = place.icon;
  return (
    <Group className={classes.board} justify="space-between" gap="md">
      <Text size="md" className={classes.boardText}>
        {place.about}
      </Text>
      <ButtonLink
        to={place.to}
        params={{ engagement }}
        search={{ gate: gate.id }}
        leftSection={<Icon size={16} aria-hidden />}
        variant="light"
      >
        {place.label}
      </ButtonLink>
    </Group>
  );
}
