/** Beside the graph: the evidence of an edge, what a node needs, or the circles and how to read the graph. */
import { ActionIcon, Button, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconServer2, IconX } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import type { GraphOut, NodeOut } from "@/api/schema";
import { CriticalityTone } from "@/assets/parts";
import { useMe } from "@/session/me";
import { ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { spoken } from "@/ui/words";
import { Circles } from "./Circles";
import classes from "./DependenciesPage.module.css";
import type { GraphViewProps } from "./GraphView";
import { kindsText, type Neighbour, neighboursOf } from "./graph";

const EdgeEvidence = lazy(() => import("./EdgeEvidence").then((module) => ({ default: module.EdgeEvidence })));
const WIDE_PX = 1200; // from here on it stands beside the graph

export interface AsidePanelProps extends GraphViewProps {
  /** Whether the reader has just chosen what it shows, so that the focus goes there. */
  takesFocus: boolean;
}

export function AsidePanel({ graph, chosen, onChoose, onExpand, takesFocus }: AsidePanelProps) {
  const node = graph.nodes.find(({ id }) => id === chosen.node);
  const edge = graph.edges.find(({ id }) => id === chosen.edge);
  const close = () => onChoose({});
  return (
    <aside className={classes.aside} aria-label="About what is chosen">
      {edge ? (
        <Panel
          key={edge.id}
          title={`${nameOf(graph, edge.source)} needs ${nameOf(graph, edge.target)}`}
          onClose={close}
          takesFocus={takesFocus}
        >
          <Suspense>
            <EdgeEvidence edge={edge} />
          </Suspense>
        </Panel>
      ) : node ? (
        <Panel key={node.id} title={node.name} onClose={close} takesFocus={takesFocus}>
          <NodeFacts graph={graph} node={node} onChoose={onChoose} onExpand={onExpand} />
        </Panel>
      ) : (
        <Circles graph={graph} chosen={chosen.cycle} onChoose={(cycle) => onChoose({ cycle })} />
      )}
    </aside>
  );
}

function nameOf(graph: GraphOut, id: string): string {
  return graph.nodes.find((node) => node.id === id)?.name ?? "What is not shown";
}

interface PanelProps {
  title: string;
  takesFocus: boolean;
  onClose(): void;
  children: ReactNode;
}

function Panel({ title, takesFocus, onClose, children }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: innerWidth >= WIDE_PX });
  }, [takesFocus]);
  return (
    <Section flush>
      <Group justify="space-between" wrap="nowrap" align="flex-start" p="md" pb={0}>
        <Title order={2} size="h3" ref={heading} tabIndex={-1}>
          {title}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <Stack gap="md" p="md">
        {children}
      </Stack>
    </Section>
  );
}

interface NodeFactsProps extends Pick<GraphViewProps, "graph" | "onChoose" | "onExpand"> {
  node: NodeOut;
}

function NodeFacts({ graph, node, onChoose, onExpand }: NodeFactsProps) {
  const { engagement_id: engagement } = useMe();
  const { needs, neededBy } = neighboursOf(graph, node.id);
  const isOpen = graph.nodes.some(({ parent }) => parent === node.id);
  return (
    <>
      <Group gap="xs">
        <Text c="dimmed" size="md">
          {node.kind === "asset" ? "Server" : counted(node.servers, "server")}
          {node.environment && ` · ${spoken(node.environment)}`}
        </Text>
        {node.criticality && <CriticalityTone criticality={node.criticality} />}
      </Group>
      <Group gap="xs">
        {(node.expandable || isOpen) && (
          <Button size="compact-sm" variant="default" onClick={() => onExpand(node.id)}>
            {isOpen ? "Close its servers" : "Show its servers"}
          </Button>
        )}
        {node.kind === "application" && (
          <ButtonLink
            size="compact-sm"
            variant="default"
            to="/e/$engagement/inventory"
            params={{ engagement }}
            search={{ application: node.id } as never}
            leftSection={<IconServer2 size={14} aria-hidden />}
          >
            In the inventory
          </ButtonLink>
        )}
        {node.kind === "asset" && (
          <ButtonLink
            size="compact-sm"
            variant="default"
            to="/e/$engagement/inventory/$assetId"
            params={{ engagement, assetId: node.id }}
            leftSection={<IconServer2 size={14} aria-hidden />}
          >
            The server
          </ButtonLink>
        )}
      </Group>
      <Neighbours title="Needs" list={needs} onOpen={(edge) => onChoose({ edge })} />
      <Neighbours title="Needed by" list={neededBy} onOpen={(edge) => onChoose({ edge })} />
    </>
  );
}

function Neighbours({ title, list, onOpen }: { title: string; list: Neighbour[]; onOpen(edge: string): void }) {
  return (
    <div>
      <Title order={3} size="h4" mb={4}>
        {title} {list.length > 0 && <>({list.length})</>}
      </Title>
      {list.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing that is known.
        </Text>
      )}
      {list.map(({ node, edge }) => (
        <UnstyledButton key={edge.id} className={classes.neighbour} onClick={() => onOpen(edge.id)}>
          <Text component="span" size="md" truncate>
            {node.name}
          </Text>
          <Text component="span" size="sm" c="dimmed" flex="none">
            {kindsText(edge.kinds)}
          </Text>
        </UnstyledButton>
      ))}
    </div>
  );
}
