/** What the list is filtered by, each to be taken back by itself. */
import { Button, Group } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { Chip, Choice } from "./filter";

export interface FilterChipsProps {
  chips: Chip[];
  onDrop(choice: Choice): void;
  onClear(): void;
}

export function FilterChips({ chips, onDrop, onClear }: FilterChipsProps) {
  if (chips.length === 0) return null;
  return (
    <Group component="section" gap="xs" aria-label="Filters in use">
      {chips.map((chip) => (
        <Button
          key={chip.label}
          size="compact-sm"
          variant="light"
          rightSection={<IconX size={13} aria-hidden />}
          aria-label={`Without ${chip.label}`}
          onClick={() => onDrop(chip)}
        >
          {chip.label}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        Clear all
      </Button>
    </Group>
  );
}
