/** Small signs that the pages of the estate share. */
import { Text } from "@mantine/core";
import { IconAlertTriangle, IconCircle, IconCircleDot, IconFlame } from "@tabler/icons-react";
import type { Criticality } from "@/api/schema";
import { Tone, type ToneName } from "@/ui/Tone";
import { spoken } from "@/ui/words";

const CRITICALITY: Record<Criticality, { tone: ToneName; icon: typeof IconFlame }> = {
  critical: { tone: "bad", icon: IconFlame },
  high: { tone: "wait", icon: IconAlertTriangle },
  medium: { tone: "rest", icon: IconCircleDot },
  low: { tone: "rest", icon: IconCircle },
};

export function CriticalityTone({ criticality }: { criticality: Criticality }) {
  const { tone, icon } = CRITICALITY[criticality];
  return (
    <Tone tone={tone} icon={icon}>
      {spoken(criticality)}
    </Tone>
  );
}

/** What stands where nothing is known. */
export function NotKnown({ word = "Not known" }: { word?: string }) {
  return (
    <Text component="span" inherit c="dimmed">
      {word}
    </Text>
  );
}
