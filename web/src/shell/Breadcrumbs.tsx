/** Client › engagement › place; the engagement is a menu to switch to another. */
import { Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEngagement, useMe } from "@/session/me";
import classes from "./Breadcrumbs.module.css";

export function Breadcrumbs() {
  const me = useMe();
  return (
    <Group component="nav" gap={6} wrap="nowrap" aria-label="Where you are" className={classes.crumbs}>
      <Text component="span" size="md" c="dimmed" truncate visibleFrom="md" className={classes.client}>
        {me.client}
      </Text>
      <IconChevronRight size={14} aria-hidden className={classes.between} />
      <EngagementSwitch />
    </Group>
  );
}

function EngagementSwitch() {
  const me = useMe();
  const engagement = useEngagement();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-start" width={280} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.switch} aria-label={`Engagement ${engagement.name}; switch`}>
          <Text component="span" size="md" fw={600} truncate>
            {engagement.name}
          </Text>
          <IconSelector size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Engagements of {me.client}</Menu.Label>
        {me.engagements.map((one) => (
          <Menu.Item
            key={one.id}
            aria-current={one.id === engagement.id ? "true" : undefined}
            fw={one.id === engagement.id ? 640 : undefined}
            onClick={() => void navigate({ to: "/e/$engagement/flows", params: { engagement: one.id } })}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
