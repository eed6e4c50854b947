/** Administration: each part under its own address, with the list of parts at the side. */
import { Skeleton, Stack } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useEffect, useRef } from "react";
import { useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink, NavigationLink } from "@/ui/links";
import { Page } from "@/ui/Page";
import classes from "./AdminPage.module.css";
import { NotForReader } from "./parts/WhoMay";
import { SECTIONS, type SectionKey, sectionOf } from "./sections";

/** Each part is fetched when it is first opened. */
const SHOWN: Record<SectionKey, ComponentType> = {
  client: lazy(async () => ({ default: (await import("./client/ClientSection")).ClientSection })),
  people: lazy(async () => ({ default: (await import("./people/PeopleSection")).PeopleSection })),
  "service-accounts": lazy(async () => ({
    default: (await import("./people/ServiceAccountsSection")).ServiceAccountsSection,
  })),
  tokens: lazy(async () => ({ default: (await import("./tokens/TokensSection")).TokensSection })),
  sessions: lazy(async () => ({ default: (await import("./tokens/SessionsSection")).SessionsSection })),
  schedules: lazy(async () => ({ default: (await import("./schedules/SchedulesSection")).SchedulesSection })),
  webhooks: lazy(async () => ({ default: (await import("./webhooks/WebhooksSection")).WebhooksSection })),
  audit: lazy(async () => ({ default: (await import("./audit/AuditSection")).AuditSection })),
  health: lazy(async () => ({ default: (await import("./health/HealthSection")).HealthSection })),
};

export function AdminPage() {
  const { section: key } = useParams({ strict: false }) as { section?: string };
  const me = useMe();
  const section = sectionOf(key);
  const Shown = section && SHOWN[section.key];
  const mayLook = section !== undefined && (section.needs === null || me.operations.includes(section.needs));
  return (
    <Page title={section ? section.label : "Admin"} about={`Administration of ${me.client}`}>
      <div className={classes.columns}>
        <Sections here={section?.key} />
        <Stack gap="lg" miw={0}>
          {!section && <Lost />}
          {section?.needs && !mayLook && <NotForReader to={section.needs} />}
          {Shown && mayLook && (
            <Suspense fallback={<Skeleton height={280} role="status" aria-label="Loading" />}>
              <Shown />
            </Suspense>
          )}
        </Stack>
      </div>
    </Page>
  );
}

function Sections({ here }: { here: SectionKey | undefined }) {
  const me = useMe();
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is another place in the row of a narrow page
  useEffect(() => {
    const place = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (place && list.current) list.current.scrollLeft = place.offsetLeft - 24;
  }, [here]);
  return (
    <nav ref={list} aria-label="Parts of the administration" className={classes.list}>
      {SECTIONS.map(({ key, label, icon: Icon }) => (
        <NavigationLink
          key={key}
          to="/e/$engagement/admin/$section"
          params={{ engagement: me.engagement_id, section: key }}
          label={label}
          leftSection={<Icon size={16} stroke={1.7} aria-hidden />}
          className={classes.place}
          data-here={key === here || undefined}
          aria-current={key === here ? "page" : undefined}
        />
      ))}
    </nav>
  );
}

function Lost() {
  const me = useMe();
  return (
    <Empty
      icon={IconMapOff}
      title="There is no such part"
      action={
        <ButtonLink to="/e/$engagement/admin" params={{ engagement: me.engagement_id }}>
          To the administration
        </ButtonLink>
      }
    >
      Choose a part from the list.
    </Empty>
  );
}
