/** Says that an open gate waits, and leads to where it is decided. */
import { Group, Stack, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { GateSummaryOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { ButtonLink } from "@/ui/links";
import { When } from "@/ui/When";
import classes from "./Decide.module.css";

export interface GateBannerProps {
  gates: GateSummaryOut[];
  /** "Strategies wait for a decision." */
  says: string;
  to: "/e/$engagement/assessment" | "/e/$engagement/plan";
}

export function GateBanner({ gates, says, to }: GateBannerProps) {
  if (gates.length === 0) return null;
  return (
    <Group className={classes.banner} gap="md" wrap="nowrap" align="flex-start" role="note">
      <IconHandStop size={20} stroke={1.7} aria-hidden className={classes.bannerIcon} />
      <Stack gap="xs" className={classes.grow}>
        <Text fw={600}>{says}</Text>
        {gates.map((gate) => (
          <Waiting key={gate.id} gate={gate} to={to} />
        ))}
      </Stack>
    </Group>
  );
}

function Waiting({ gate, to }: { gate: GateSummaryOut; to: GateBannerProps["to"] }) {
  const me = useMe();
  return (
    <Group justify="space-between" gap="sm">
      <Text size="md" className={classes.quiet}>
        {gate.flow_name ?? gate.flow_type_title}, asked <When at={gate.opened_at} />
        {gate.due_at && (
          <>
            {" "}
            · due <When at={gate.due_at} />
          </>
        )}
      </Text>
      <ButtonLink size="compact-md" to={to} params={{ engagement: me.engagement_id }} search={{ gate: gate.id }}>
        Look and decide
      </ButtonLink>
    </Group>
  );
}
