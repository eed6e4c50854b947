/** One flow: where it stands, what to do, how it spent its time, and what it computed. */
import { Group, Skeleton, Stack } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { $api } from "@/api/client";
import type { FlowOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { When } from "@/ui/When";
import { whoStarted } from "./columns";
import { FlowActions } from "./FlowActions";
import { FlowFamily } from "./FlowFamily";
import { FlowPanels } from "./FlowPanels";
import { FlowTabs } from "./FlowTabs";
import { nameOf, titleOf } from "./naming";
import { FlowStatusTone } from "./status";
import { Timeline } from "./Timeline";
import { useFlowTypes } from "./useFlowTypes";
import { useHistory } from "./useHistory";

export function FlowPage() {
  const flowId = useParams({ strict: false, select: (params) => params.flowId }) ?? "";
  const flow = $api.useQuery("get", "/api/v1/flows/{flow_id}", { params: { path: { flow_id: flowId } } });
  if (flow.data) return <Flow key={flowId} flow={flow.data} />;
  return (
    <Page title="Flow">
      {flow.error ? (
        <ProblemNote error={flow.error} onRetry={() => void flow.refetch()} />
      ) : (
        <Stack gap="lg">
          <Skeleton height={28} width={320} aria-label="Loading the flow" />
          <Skeleton height={280} />
        </Stack>
      )}
    </Page>
  );
}

function Flow({ flow }: { flow: FlowOut }) {
  const types = useFlowTypes();
  const type = types?.find((one) => one.name === flow.flow_type);
  const history = useHistory(flow.flow_id);
  const mayRead = useMay("results.read");
  const [search, change] = usePageSearch();
  const results = $api.useQuery(
    "get",
    "/api/v1/flows/{flow_id}/results",
    { params: { path: { flow_id: flow.flow_id } } },
    { enabled: mayRead },
  );
  const phase = one(search, "phase") ?? lastDone(results.data?.items) ?? flow.current_phase;
  return (
    <Page
      title={nameOf(flow, types)}
      about={<About flow={flow} typeTitle={titleOf(types, flow.flow_type)} />}
      actions={<FlowActions flow={flow} type={type} />}
    >
      <FlowPanels flow={flow} type={type} />
      <FlowFamily flow={flow} types={types} />
      <Section title="Timeline">
        {history.error && history.events.length === 0 ? (
          <ProblemNote error={history.error} />
        ) : history.isLoading ? (
          <Skeleton height={200} aria-label="Loading the timeline" />
        ) : (
          <Timeline
            flow={flow}
            type={type}
            events={history.events}
            results={results.data?.items ?? []}
            chosen={phase}
            onChoose={(chosen) => change({ phase: chosen, tab: undefined })}
          />
        )}
      </Section>
      <FlowTabs
        flow={flow}
        type={type}
        events={history.events}
        results={mayRead ? results.data?.items : []}
        phase={phase}
      />
    </Page>
  );
}

function lastDone(results: readonly { phase: string }[] | undefined): string | undefined {
  return results?.at(-1)?.phase;
}

function About({ flow, typeTitle }: { flow: FlowOut; typeTitle: string }) {
  const me = useMe();
  return (
    <Group gap="md" mt="xs">
      <FlowStatusTone status={flow.status} />
      <span>{typeTitle}</span>
      <span>Started by {whoStarted(flow, me) === "You" ? "you" : whoStarted(flow, me)}</span>
      <span>
        <When at={flow.created_at} />
      </span>
      {flow.iteration > 1 && <span>Round {flow.iteration}</span>}
    </Group>
  );
}
