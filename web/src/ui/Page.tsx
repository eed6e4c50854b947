/** The frame of a page: its one heading, what can be done, and what it shows. */
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./Page.module.css";

export interface PageProps {
  title: string;
  /** One line under the heading: what this page is for, or the state of what it shows. */
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without a limit of width: for tables, graphs and charts. */
  wide?: boolean;
}

export function Page({ title, about, actions, children, wide = true }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Masterflow`;
  }, [title]);
  return (
    <Stack gap="lg" className={classes.page} data-wide={wide || undefined}>
      <Group justify="space-between" align="flex-end" gap="md">
        <Box className={classes.head}>
          <Title order={1} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {about && (
            <Text component="div" c="dimmed" size="md" mt={2}>
              {about}
            </Text>
          )}
        </Box>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** A part of a page on a surface of its own, with a heading. */
export function Section({
  title,
  aside,
  children,
  flush = false,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without padding, for tables that reach the edges. */
  flush?: boolean;
}) {
  return (
    <section className={classes.section}>
      {(title || aside) && (
        <Group justify="space-between" className={classes.sectionHead} gap="sm">
          {title && (
            <Title order={2} size="h3">
              {title}
            </Title>
          )}
          {aside}
        </Group>
      )}
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
