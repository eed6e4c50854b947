/** How many assets are chosen, and what can be done with them. */
import { Button, Group, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { count, counted } from "@/ui/numbers";
import classes from "./InventoryPage.module.css";
import { type Chosen, countOf, NONE } from "./selection";

export interface SelectionBarProps {
  chosen: Chosen;
  total: number;
  onChoose(chosen: Chosen): void;
  onEdit(): void;
}

export function SelectionBar({ chosen, total, onChoose, onEdit }: SelectionBarProps) {
  const size = countOf(chosen, total);
  if (size === 0) return null;
  return (
    <Group component="section" className={classes.selection} gap="sm" aria-label="Chosen assets">
      <Text fw={600} aria-live="polite">
        {chosen.all ? `All ${counted(total, "asset")} that match` : `${counted(size, "asset")} chosen`}
      </Text>
      {!chosen.all && total > size && (
        <Button size="compact-sm" variant="subtle" onClick={() => onChoose({ all: true })}>
          Choose all {count(total)} that match
        </Button>
      )}
      <Button size="compact-sm" leftSection={<IconPencil size={14} aria-hidden />} onClick={onEdit}>
        Edit…
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChoose(NONE)}>
        Choose none
      </Button>
    </Group>
  );
}
