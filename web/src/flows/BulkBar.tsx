/** What can be done with the flows that are chosen. */
import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import type { BulkCommand } from "@/api/schema";
import { useMay } from "@/session/me";
import { counted } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import classes from "./BulkBar.module.css";
import { BulkDialog } from "./BulkDialog";
import { COMMANDS } from "./bulk";
import type { useChosen } from "./useChosen";

export function BulkBar({ chosen, hasMore }: { chosen: ReturnType<typeof useChosen>; hasMore: boolean }) {
  const [command, setCommand] = useState<BulkCommand | null>(null);
  const mayDelete = useMay("flows.delete");
  const offered = COMMANDS.filter((one) => mayDelete || one.name !== "delete");
  return (
    <section className={classes.bar} aria-label="Chosen flows">
      <Text size="md" fw={600} aria-live="polite">
        {counted(chosen.ids.length, "flow")} chosen
      </Text>
      {hasMore && !chosen.isEverything && (
        <Button
          size="compact-md"
          variant="subtle"
          loading={chosen.everything.isPending}
          onClick={() => chosen.everything.mutate()}
        >
          Choose all that match
        </Button>
      )}
      <Group gap="xs">
        {offered.map((one) => (
          <Button key={one.name} size="compact-md" variant="default" onClick={() => setCommand(one.name)}>
            {one.label}
          </Button>
        ))}
      </Group>
      <Button size="compact-md" variant="subtle" color="gray" onClick={chosen.clear}>
        Clear
      </Button>
      {chosen.everything.error && <ProblemNote error={chosen.everything.error} />}
      {command && (
        <BulkDialog
          command={command}
          ids={chosen.ids}
          onClose={(isOrdered) => {
            setCommand(null);
            if (isOrdered) chosen.clear();
          }}
        />
      )}
    </section>
  );
}
