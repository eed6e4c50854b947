/** One asset on one sheet: what is known of it, where from, what it belongs to, and what it needs. */
import { Group, List, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { IconArrowLeft, IconScale } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { $api } from "@/api/client";
import type { ApplicationOut, AssetDetailOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { share } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { AssetDependencies } from "./AssetDependencies";
import classes from "./AssetPage.module.css";
import { Attributes } from "./Attributes";
import { FactTable } from "./FactTable";
import { factGroups } from "./facts";
import { concernOf, isConcern, spokenValue } from "./fields";
import { CriticalityTone, NotKnown } from "./parts";

const SCHEMES: Record<string, string> = {
  vm_uuid: "VM UUID",
  smbios_uuid: "SMBIOS UUID",
  vm_id: "VM id",
  instance_id: "Instance id",
  serial: "Serial number",
  fqdn: "Full domain name",
  mac: "MAC address",
  hostname_ip: "Host name and IP",
  external_id: "External id",
  name: "Name",
};

export function AssetPage() {
  const { assetId = "" } = useParams({ strict: false }) as { assetId?: string };
  const { engagement_id: engagement } = useMe();
  const { data, error, refetch } = $api.useQuery("get", "/api/v1/assets/{asset_id}", {
    params: { path: { asset_id: assetId } },
  });
  const back = (
    <ButtonLink
      to="/e/$engagement/inventory"
      params={{ engagement }}
      variant="default"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
    >
      Inventory
    </ButtonLink>
  );
  if (error) {
    return (
      <Page title="Asset" actions={back}>
        <ProblemNote error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title="Asset" actions={back}>
        <Skeleton height={420} role="status" aria-label="Loading the asset" />
      </Page>
    );
  }
  return (
    <Page title={data.asset.name} about={<About detail={data} />} actions={back}>
      <div className={classes.layout}>
        <Stack gap="lg" miw={0}>
          {factGroups(data.asset, data.facts).map(({ title, fields }) => (
            <Section key={title} title={title} flush>
              <FactTable label={title} fields={fields} />
            </Section>
          ))}
          <Attributes attributes={data.asset.attributes} />
        </Stack>
        <Stack gap="lg" miw={0}>
          <Standing detail={data} engagement={engagement} />
          <Applications applications={data.applications} engagement={engagement} />
          <AssetDependencies asset={data.asset} applications={data.applications} engagement={engagement} />
          <Identities detail={data} />
        </Stack>
      </div>
    </Page>
  );
}

function About({ detail: { asset } }: { detail: AssetDetailOut }) {
  const words = [spokenValue("asset_type", asset.asset_type), asset.operating_system, asset.datacenter];
  return words.filter(Boolean).join(" · ");
}

function Standing({ detail, engagement }: { detail: AssetDetailOut; engagement: string }) {
  const { asset, completeness } = detail;
  const concerns = asset.concerns.filter(isConcern);
  const { data: conflicts } = $api.useQuery("get", "/api/v1/conflicts", {
    params: { query: { asset: asset.id, limit: 200 } },
  });
  const open = conflicts?.items.filter(({ needs_review }) => needs_review).length ?? 0;
  return (
    <Section title="How well it is known">
      <Stack gap="md">
        {completeness !== null && (
          <div>
            <Group justify="space-between" mb={4}>
              <Text size="md">Needed facts known</Text>
              <Text size="md" fw={600} className="mf-number">
                {share(completeness)}
              </Text>
            </Group>
            <Progress value={completeness * 100} aria-label={`${share(completeness)} of the needed facts are known`} />
          </div>
        )}
        {conflicts && conflicts.items.length > 0 && (
          <Group justify="space-between" gap="sm">
            {open > 0 ? <Tone tone="wait">{open} to decide</Tone> : <Tone tone="good">Conflicts settled</Tone>}
            <ButtonLink
              size="compact-sm"
              variant="default"
              to="/e/$engagement/conflicts"
              params={{ engagement }}
              search={{ asset: asset.id } as never}
              leftSection={<IconScale size={14} aria-hidden />}
            >
              Conflicts ({conflicts.items.length})
            </ButtonLink>
          </Group>
        )}
        {concerns.length > 0 ? (
          <div>
            <Text size="md" fw={600} mb={4}>
              What makes it harder to move
            </Text>
            <List size="sm" spacing={4}>
              {concerns.map((code) => (
                <List.Item key={code}>{concernOf(code)}</List.Item>
              ))}
            </List>
          </div>
        ) : (
          <div>
            <Tone tone="good">No concern is known</Tone>
          </div>
        )}
      </Stack>
    </Section>
  );
}

function Applications({ applications, engagement }: { applications: ApplicationOut[]; engagement: string }) {
  const mayRead = useMay("results.read");
  const { data } = $api.useQuery(
    "get",
    "/api/v1/assessments",
    { params: { query: { limit: 1 } } },
    { enabled: mayRead && applications.length > 0 },
  );
  const assessment = data?.items[0];
  return (
    <Section title="Applications">
      {applications.length === 0 && <NotKnown word="It belongs to none that is known." />}
      <Stack gap="md">
        {applications.map((application) => (
          <div key={application.id}>
            <Group justify="space-between" gap="xs">
              <AnchorLink
                to="/e/$engagement/inventory"
                params={{ engagement }}
                search={{ application: application.id } as never}
                fw={600}
              >
                {application.name}
              </AnchorLink>
              {application.criticality && <CriticalityTone criticality={application.criticality} />}
            </Group>
            <Text size="sm" c="dimmed">
              {application.membership === "stated" ? "A source says so." : "Proposed from names and places."}
            </Text>
            {assessment && (
              <AnchorLink
                size="sm"
                to="/e/$engagement/assessment/$assessmentId/$subjectId"
                params={{ engagement, assessmentId: assessment.id, subjectId: application.id }}
              >
                Its assessment
              </AnchorLink>
            )}
          </div>
        ))}
      </Stack>
    </Section>
  );
}

function Identities({ detail }: { detail: AssetDetailOut }) {
  return (
    <Section title="Recognised by">
      <dl className={classes.pairs}>
        {detail.identities.map(({ scheme, value }) => (
          <div key={`${scheme} ${value}`}>
            <dt>{SCHEMES[scheme] ?? scheme}</dt>
            <dd className="mf-mono">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
