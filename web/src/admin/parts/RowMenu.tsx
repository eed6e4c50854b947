/** What can be done with one row. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, type TablerIcon } from "@tabler/icons-react";

export interface RowAction {
  label: string;
  icon: TablerIcon;
  onClick(): void;
  isGrave?: boolean;
}

export function RowMenu({ label, actions }: { label: string; actions: readonly (RowAction | false)[] }) {
  const offered = actions.filter((action) => action !== false);
  if (offered.length === 0) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {offered.map(({ label: name, icon: Icon, onClick, isGrave }) => (
          <Menu.Item
            key={name}
            color={isGrave ? "red" : undefined}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={onClick}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
