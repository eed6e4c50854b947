/** What the flows of an engagement or a client did: how many, how fast, how well, and why not. */
import { Button, Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "@/api/client";
import type { AnalyticsOut, Scope } from "@/api/schema";
import { useEngagement, useMay, useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { dayOf } from "@/ui/time";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { headlines } from "./figures";
import classes from "./InsightsPage.module.css";
import { Causes, Ends, Standing, Throughput } from "./sections";
import { Durations, Waiting } from "./timings";
import { DEFAULT_SPAN, SPANS, spanName, windowOf } from "./window";

interface Asked {
  days: string;
  from: string;
  to: string;
  flowType: string | undefined;
  scope: Scope;
}

export function InsightsPage() {
  const asked = useAsked();
  const report = $api.useQuery(
    "get",
    "/api/v1/flows/analytics",
    { params: { query: { from: asked.from, to: asked.to, flow_type: asked.flowType, scope: asked.scope } } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Page title="Insights" about={<About report={report.data} />}>
      <Filters asked={asked} />
      {report.error && <ProblemNote error={report.error} onRetry={() => void report.refetch()} />}
      {report.isPending && <Places />}
      {report.data && <Report report={report.data} asked={asked} />}
    </Page>
  );
}

function useAsked(): Asked {
  const [search] = usePageSearch();
  const mayReadClient = useMay("client.figures.read");
  const isClient = one(search, "scope") === "client" && mayReadClient;
  return {
    ...windowOf(one(search, "days")),
    flowType: one(search, "flow_type"),
    scope: isClient ? "client" : "engagement",
  };
}

function About({ report }: { report: AnalyticsOut | undefined }) {
  const me = useMe();
  const engagement = useEngagement();
  if (!report) return "What the flows did: how many, how fast, how well, and why not.";
  const whose =
    report.scope === "client" ? `${me.client}, ${counted(report.engagements.length, "engagement")}` : engagement.name;
  return (
    <>
      {whose} · {dayOf(report.first)} to {dayOf(report.last)} (UTC days)
      {report.as_of && (
        <>
          {" "}
          · counted up to an event <When at={report.as_of} />
        </>
      )}
    </>
  );
}

function Filters({ asked }: { asked: Asked }) {
  const [, change] = usePageSearch();
  const mayReadClient = useMay("client.figures.read");
  const types = $api.useQuery("get", "/api/v1/flow-types", {}, { staleTime: Number.POSITIVE_INFINITY });
  const spans = (SPANS as readonly string[]).includes(asked.days) ? SPANS : [asked.days, ...SPANS];
  return (
    <Group gap="md" align="flex-end">
      <SegmentedControl
        aria-label="Span of days"
        value={asked.days}
        onChange={(days) => change({ days: days === DEFAULT_SPAN ? undefined : days })}
        data={spans.map((days) => ({ value: days, label: spanName(days) }))}
      />
      <Select
        aria-label="Flow type"
        placeholder="All flow types"
        clearable
        w={210}
        value={asked.flowType ?? null}
        onChange={(flowType) => change({ flow_type: flowType ?? undefined })}
        data={(types.data?.items ?? []).map((type) => ({ value: type.name, label: type.title }))}
        clearButtonProps={{ "aria-label": "All flow types" }}
      />
      {mayReadClient && (
        <SegmentedControl
          aria-label="Whose flows"
          value={asked.scope}
          onChange={(scope) => change({ scope: scope === "client" ? scope : undefined })}
          data={[
            { value: "engagement", label: "This engagement" },
            { value: "client", label: "Whole client" },
          ]}
        />
      )}
    </Group>
  );
}

function Report({ report, asked }: { report: AnalyticsOut; asked: Asked }) {
  if (report.flows.length === 0 && report.totals.length === 0) return <Nothing asked={asked} />;
  return (
    <Stack gap="lg">
      <dl className={classes.headlines}>
        {headlines(report).map(({ label, value, note }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={classes.figure}>{value}</dd>
            <dd className={classes.note}>{note}</dd>
          </div>
        ))}
      </dl>
      <Standing report={report} />
      <Throughput report={report} />
      <Ends report={report} />
      <Durations report={report} />
      <Waiting report={report} />
      <Causes report={report} />
    </Stack>
  );
}

function Nothing({ asked }: { asked: Asked }) {
  const me = useMe();
  const [, change] = usePageSearch();
  const mayRun = useMay("flows.run");
  const what = asked.flowType ? `${spoken(asked.flowType)} flow` : "flow";
  return (
    <Empty
      icon={IconChartBar}
      title={`No ${what} to count yet`}
      action={
        <>
          {asked.flowType && (
            <Button variant="default" onClick={() => change({ flow_type: undefined })}>
              Show all flow types
            </Button>
          )}
          {mayRun && (
            <ButtonLink to="/e/$engagement/flows/new" params={{ engagement: me.engagement_id }}>
              Start a flow
            </ButtonLink>
          )}
        </>
      }
    >
      <Text>
        As soon as a flow has run, this page shows how long its phases took, how long it waited for people, and what
        made it fail.
      </Text>
    </Empty>
  );
}

function Places() {
  return (
    <Stack gap="lg" role="status" aria-label="Loading">
      <Skeleton height={88} />
      <Skeleton height={260} />
      <Skeleton height={260} />
    </Stack>
  );
}
