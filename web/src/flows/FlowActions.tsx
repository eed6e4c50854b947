/** What can be done with the flow where it stands, and the dialogs that ask first. */
import { Button, Group, Menu } from "@mantine/core";
import {
  IconArrowBackUp,
  IconChevronDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerStop,
  IconRefresh,
  IconRestore,
  IconTrash,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { Suspense, useState } from "react";
import type { FlowOut, FlowTypeOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { CommandDialog } from "./CommandDialog";
import { type CommandName, commandsFor } from "./commands";
import { RedoDialog } from "./forms";

const LOOKS: Record<CommandName, { label: string; icon: TablerIcon }> = {
  execute: { label: "Start", icon: IconPlayerPlay },
  pause: { label: "Pause", icon: IconPlayerPause },
  pauseAtOnce: { label: "Pause at once", icon: IconPlayerStop },
  resume: { label: "Resume", icon: IconPlayerPlay },
  retry: { label: "Retry", icon: IconRefresh },
  rollback: { label: "Roll back", icon: IconArrowBackUp },
  skip: { label: "Skip this phase", icon: IconPlayerSkipForward },
  cancel: { label: "Cancel", icon: IconX },
  delete: { label: "Delete", icon: IconTrash },
  restore: { label: "Restore", icon: IconRestore },
};

export function FlowActions({ flow, type }: { flow: FlowOut; type: FlowTypeOut | undefined }) {
  const me = useMe();
  const [asked, setAsked] = useState<CommandName | null>(null);
  const [first, ...others] = commandsFor(flow, type, me.operations);
  const close = () => setAsked(null);
  if (!first) return null;
  const { label, icon: Icon } = LOOKS[first];
  const isMain = first === "execute" || first === "resume" || first === "retry";
  return (
    <Group gap="sm">
      <Button
        variant={isMain ? "filled" : "default"}
        leftSection={<Icon size={16} aria-hidden />}
        onClick={() => setAsked(first)}
      >
        {label}
      </Button>
      {others.length > 0 && (
        <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((command) => {
              const { label, icon: Other } = LOOKS[command];
              return (
                <Menu.Item
                  key={command}
                  leftSection={<Other size={16} aria-hidden />}
                  onClick={() => setAsked(command)}
                >
                  {label}
                </Menu.Item>
              );
            })}
          </Menu.Dropdown>
        </Menu>
      )}
      {asked === "retry" || asked === "rollback" ? (
        <Suspense>
          <RedoDialog flow={flow} type={type} command={asked} onClose={close} />
        </Suspense>
      ) : (
        asked && <CommandDialog flow={flow} command={asked} onClose={close} />
      )}
    </Group>
  );
}
