/** A button that opens a list of choices to narrow what a page shows. */
import { Button, Checkbox, Group, Popover, Stack } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";

export interface FilterMenuProps {
  label: string;
  choices: readonly { value: string; label: string; shown?: ReactNode }[];
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}

const NAMED = 2;

export function FilterMenu({ label, choices, chosen, onChange }: FilterMenuProps) {
  const names = choices.filter((one) => chosen.includes(one.value)).map((one) => one.label);
  const said = names.length === 0 ? label : names.length <= NAMED ? names.join(", ") : `${names.length} chosen`;
  return (
    <Popover position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant={names.length > 0 ? "light" : "default"}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={names.length > 0 ? `${label}: ${said}` : label}
        >
          {names.length > 0 ? `${label}: ${said}` : label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Checkbox.Group value={[...chosen]} onChange={onChange} aria-label={label}>
          <Stack gap="sm">
            {choices.map((one) => (
              <Checkbox key={one.value} value={one.value} label={one.shown ?? one.label} size="sm" />
            ))}
          </Stack>
        </Checkbox.Group>
        {chosen.length > 0 && (
          <Group mt="md">
            <Button size="compact-sm" variant="subtle" onClick={() => onChange([])}>
              Show all
            </Button>
          </Group>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
