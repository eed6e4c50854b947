/** What a page says when it has nothing to show: why, and the next step. */
import { Box, Group, Text, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Empty.module.css";

export interface EmptyProps {
  icon: TablerIcon;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <Box className={classes.empty}>
      <Icon size={36} stroke={1.4} aria-hidden className={classes.icon} />
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text c="dimmed" component="div" maw="34rem">
        {children}
      </Text>
      {action && (
        <Group mt="sm" justify="center">
          {action}
        </Group>
      )}
    </Box>
  );
}
