/** The states of a flow in words, tones and icons. */
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconFileAlert,
  IconHandStop,
  IconLoader2,
  IconPlayerPause,
  type TablerIcon,
} from "@tabler/icons-react";
import type { FlowStatus } from "@/api/schema";
import { Tone, type ToneName } from "@/ui/Tone";

export const STATUS: Record<FlowStatus, { word: string; tone: ToneName; icon: TablerIcon }> = {
  initialized: { word: "Not started", tone: "rest", icon: IconCircleDashed },
  running: { word: "Running", tone: "busy", icon: IconLoader2 },
  waiting_for_approval: { word: "Waiting for approval", tone: "wait", icon: IconHandStop },
  waiting_for_input: { word: "Waiting for input", tone: "wait", icon: IconFileAlert },
  paused: { word: "Paused", tone: "rest", icon: IconPlayerPause },
  completed: { word: "Completed", tone: "good", icon: IconCircleCheck },
  failed: { word: "Failed", tone: "bad", icon: IconAlertTriangle },
  cancelled: { word: "Cancelled", tone: "rest", icon: IconCircleX },
};

export function FlowStatusTone({ status }: { status: FlowStatus }) {
  const { word, tone, icon } = STATUS[status];
  return (
    <Tone tone={tone} icon={icon}>
      {word}
    </Tone>
  );
}
