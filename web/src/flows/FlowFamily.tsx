/** The flow that this one reads from, and those that read from it. */
import { Group, Text } from "@mantine/core";
import { $api } from "@/api/client";
import type { FlowOut, FlowTypeOut, ListedFlowOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { nameOf } from "./naming";

const NEWEST = 200;

export function FlowFamily({ flow, types }: { flow: FlowOut; types: FlowTypeOut[] | undefined }) {
  const parent = $api.useQuery(
    "get",
    "/api/v1/flows/{flow_id}",
    { params: { path: { flow_id: flow.parent_flow_id ?? "" } } },
    { enabled: flow.parent_flow_id !== null },
  );
  const list = $api.useQuery("get", "/api/v1/flows", { params: { query: { limit: NEWEST } } });
  const children = list.data?.items.filter((one) => one.parent_flow_id === flow.flow_id) ?? [];
  if (!flow.parent_flow_id && children.length === 0) return null;
  return (
    <Group gap="xl">
      {parent.data && (
        <Text size="sm" component="div">
          Reads the results of <FlowLink flow={parent.data} types={types} />
        </Text>
      )}
      {children.length > 0 && (
        <Text size="sm" component="div">
          Read by{" "}
          {children.map((child, index) => (
            <span key={child.flow_id}>
              {index > 0 && ", "}
              <FlowLink flow={child} types={types} />
            </span>
          ))}
        </Text>
      )}
    </Group>
  );
}

function FlowLink({ flow, types }: { flow: ListedFlowOut; types: FlowTypeOut[] | undefined }) {
  const me = useMe();
  return (
    <AnchorLink
      to="/e/$engagement/flows/$flowId"
      params={{ engagement: me.engagement_id, flowId: flow.flow_id }}
      size="sm"
    >
      {nameOf(flow, types)}
    </AnchorLink>
  );
}
