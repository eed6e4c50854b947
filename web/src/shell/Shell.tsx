/** The frame around every page: where one is, where one can go, and whether what is shown is live. */
import { AppShell, Badge, Box, Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { $api } from "@/api/client";
import { useMe } from "@/session/me";
import { AnchorLink, NavigationLink } from "@/ui/links";
import { Breadcrumbs } from "./Breadcrumbs";
import { Connection } from "./Connection";
import { HeaderTools } from "./HeaderTools";
import { Keyboard } from "./Keyboard";
import { NAVIGATION, type Place } from "./navigation";
import classes from "./Shell.module.css";

export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const me = useMe();
  const path = useLocation({ select: (location) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [path]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 224, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "xl" }}
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a className="mf-skip" href="#main">
        To the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="md" wrap="nowrap" justify="space-between">
          <Group gap="md" wrap="nowrap" className={classes.lead}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <AnchorLink
              to="/e/$engagement/flows"
              params={{ engagement: me.engagement_id }}
              underline="never"
              className={classes.brand}
              aria-label="Masterflow"
            >
              <img src="/mark.svg" alt="" width={26} height={26} />
              <Text fw={680} size="lg" visibleFrom="sm" component="span">
                Masterflow
              </Text>
            </AnchorLink>
            <Breadcrumbs />
          </Group>
          <HeaderTools />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Places">
        <div className={classes.places}>
          <Places />
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Connection />
        <Outlet />
      </AppShell.Main>
      <Keyboard />
    </AppShell>
  );
}

function Places() {
  const me = useMe();
  return NAVIGATION.map((group) => {
    const places = group.places.filter((place) => me.operations.includes(place.needs));
    return places.length === 0 ? null : (
      <Box key={group.title ?? "first"} component="section" aria-label={group.title ?? "Work"} mb="md">
        {group.title && (
          <Text size="xs" fw={600} c="dimmed" px="sm" mb={4}>
            {group.title}
          </Text>
        )}
        {places.map((place) => (
          <PlaceLink key={place.to} place={place} />
        ))}
      </Box>
    );
  });
}

function PlaceLink({ place }: { place: Place }) {
  const me = useMe();
  const Icon = place.icon;
  return (
    <NavigationLink
      to={place.to}
      params={{ engagement: me.engagement_id } as never}
      label={place.label}
      leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
      rightSection={place.label === "Inbox" ? <Waiting /> : undefined}
      className={classes.place}
      activeProps={{ "data-here": true, "aria-current": "page" } as never}
    />
  );
}

/** How many gates wait for the reader. */
function Waiting() {
  const { data } = $api.useQuery("get", "/api/v1/inbox", { params: { query: { view: "mine" } } });
  const waiting = data?.items.filter((item) => item.may_decide).length ?? 0;
  return waiting === 0 ? null : (
    <Badge size="sm" circle={waiting < 10} variant="filled" aria-label={`${waiting} waiting for you`}>
      {waiting}
    </Badge>
  );
}
