/** What an asset needs and what needs it; where its application is known, that application's dependencies. */
import { Group, Stack, Text } from "@mantine/core";
import { IconAffiliate } from "@tabler/icons-react";
import { $api } from "@/api/client";
import type { ApplicationOut, AssetOut } from "@/api/schema";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import classes from "./AssetPage.module.css";
import { NotKnown } from "./parts";

const MOST = 8;

export interface AssetDependenciesProps {
  asset: AssetOut;
  applications: ApplicationOut[];
  engagement: string;
}

export function AssetDependencies({ asset, applications, engagement }: AssetDependenciesProps) {
  const own = $api.useQuery("get", "/api/v1/dependencies", { params: { query: { of: asset.id, limit: 200 } } });
  const direct = own.data?.items ?? [];
  const home = applications[0];
  return (
    <Section
      title="Dependencies"
      aside={
        <ButtonLink
          size="compact-sm"
          variant="default"
          to="/e/$engagement/dependencies"
          params={{ engagement }}
          search={{ node: home?.id ?? asset.id } as never}
          leftSection={<IconAffiliate size={14} aria-hidden />}
        >
          In the graph
        </ButtonLink>
      }
    >
      <Stack gap="md">
        {own.data && direct.length === 0 && !home && <NotKnown word="None is known." />}
        {direct.length > 0 && (
          <Text size="md">
            {counted(direct.filter(({ source_id }) => source_id === asset.id).length, "dependency", "dependencies")} of
            its own, and {direct.filter(({ target_id }) => target_id === asset.id).length} on it.
          </Text>
        )}
        {home && <ApplicationNeighbours application={home} engagement={engagement} />}
      </Stack>
    </Section>
  );
}

function ApplicationNeighbours({ application, engagement }: { application: ApplicationOut; engagement: string }) {
  const { data } = $api.useQuery("get", "/api/v1/applications/{application_id}", {
    params: { path: { application_id: application.id } },
  });
  if (!data) return null;
  return (
    <>
      <Neighbours title={`${application.name} needs`} list={data.needs} engagement={engagement} />
      <Neighbours title={`Needs ${application.name}`} list={data.needed_by} engagement={engagement} />
    </>
  );
}

interface NeighboursProps {
  title: string;
  list: { id: string; name: string; hard: number; soft: number }[];
  engagement: string;
}

function Neighbours({ title, list, engagement }: NeighboursProps) {
  if (list.length === 0) return null;
  return (
    <div>
      <Text size="md" fw={600} mb={2}>
        {title}
      </Text>
      {list.slice(0, MOST).map(({ id, name, hard, soft }) => (
        <Group key={id} justify="space-between" gap="xs" wrap="nowrap">
          <AnchorLink
            size="md"
            truncate
            className={classes.neighbour}
            to="/e/$engagement/dependencies"
            params={{ engagement }}
            search={{ node: id } as never}
          >
            {name}
          </AnchorLink>
          <Text size="sm" c="dimmed" flex="none">
            {[hard > 0 && `${hard} hard`, soft > 0 && `${soft} soft`].filter(Boolean).join(", ")}
          </Text>
        </Group>
      ))}
      {list.length > MOST && (
        <Text size="sm" c="dimmed">
          And {list.length - MOST} more.
        </Text>
      )}
    </div>
  );
}
