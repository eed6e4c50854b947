/** What the list says of each flow. */
import { Group, Stack, Text } from "@mantine/core";
import type { FlowTypeOut, ListedFlowOut, MeOut } from "@/api/schema";
import { Bar } from "@/ui/Bar";
import type { DataColumn } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { nameOf, phaseTitle, titleOf } from "./naming";
import { phaseNumber, shareDone } from "./progress";
import { FlowStatusTone, STATUS } from "./status";

export function flowColumns(types: FlowTypeOut[] | undefined, me: MeOut): DataColumn<ListedFlowOut>[] {
  return [
    { key: "name", header: "Name", cell: (flow) => <Name flow={flow} types={types} me={me} /> },
    { key: "type", header: "Type", width: 7, cell: (flow) => titleOf(types, flow.flow_type) },
    { key: "status", header: "Status", width: 12, cell: (flow) => <Status flow={flow} /> },
    { key: "phase", header: "Phase", width: 15, cell: (flow) => <Phase flow={flow} types={types} /> },
    { key: "who", header: "Started by", width: 8, cell: (flow) => whoStarted(flow, me) },
    { key: "age", header: "Started", width: 6.5, numeric: true, cell: (flow) => <When at={flow.created_at} /> },
    { key: "changed", header: "Last change", width: 7, numeric: true, cell: (flow) => <When at={flow.updated_at} /> },
  ];
}

export function whoStarted(flow: ListedFlowOut, me: MeOut): string {
  if (flow.created_by === me.user_id) return "You";
  return flow.created_by_name ?? "Somebody else";
}

function Name({ flow, types, me }: { flow: ListedFlowOut; types: FlowTypeOut[] | undefined; me: MeOut }) {
  return (
    <AnchorLink
      to="/e/$engagement/flows/$flowId"
      params={{ engagement: me.engagement_id, flowId: flow.flow_id }}
      fw={560}
      c="bright"
      size="md"
      title={nameOf(flow, types)}
    >
      {nameOf(flow, types)}
    </AnchorLink>
  );
}

function Status({ flow }: { flow: ListedFlowOut }) {
  return flow.deleted_at ? <Tone tone="rest">Deleted</Tone> : <FlowStatusTone status={flow.status} />;
}

function Phase({ flow, types }: { flow: ListedFlowOut; types: FlowTypeOut[] | undefined }) {
  const type = types?.find((one) => one.name === flow.flow_type);
  const tone = STATUS[flow.status].tone;
  return (
    <Stack gap={3}>
      <Group gap="sm" wrap="nowrap" justify="space-between">
        <Text size="xs" truncate title={flow.current_phase ? phaseTitle(type, flow.current_phase) : undefined}>
          {flow.current_phase ? phaseTitle(type, flow.current_phase) : "All phases"}
        </Text>
        <Text size="xs" c="dimmed" className="mf-number" style={{ flex: "none" }}>
          {phaseNumber(flow)} of {flow.phase_count}
        </Text>
      </Group>
      <Bar share={shareDone(flow)} tone={tone === "busy" ? undefined : tone} />
    </Stack>
  );
}
