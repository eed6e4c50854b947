/** What proves an edge: every dependency behind it with its ports, its traffic and where it was seen. */
import { Button, Group, List, Skeleton, Stack, Text, Title } from "@mantine/core";
import { $api } from "@/api/client";
import type { EdgeOut, EvidenceOut } from "@/api/schema";
import { bytes, count, counted, share } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { Stamp } from "@/ui/When";
import classes from "./DependenciesPage.module.css";
import { kindsText, portsText } from "./graph";

const PAGE = 50;

export function EdgeEvidence({ edge }: { edge: EdgeOut }) {
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/dependencies/evidence",
    { params: { query: { source: edge.source, target: edge.target, limit: PAGE } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { cursor: string | null }) => last.cursor ?? undefined,
    },
  );
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Group gap="xs">
        {edge.kinds.hard > 0 ? <Tone tone="wait">Hard</Tone> : <Tone tone="rest">Soft</Tone>}
        {edge.within_cycle && <Tone tone="bad">In a circle</Tone>}
      </Group>
      <dl className={classes.pairs}>
        <Pair name="Dependencies" value={kindsText(edge.kinds)} />
        <Pair name="Confidence" value={share(edge.confidence)} />
        <Pair name="Connections" value={edge.connections === null ? "Not known" : count(edge.connections)} />
        <Pair name="Data" value={edge.bytes_total === null ? "Not known" : bytes(edge.bytes_total)} />
        <Pair name="Ports" value={portsText(edge.ports)} />
      </dl>
      <Title order={3} size="h4">
        Evidence
      </Title>
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={120} role="status" aria-label="Loading the evidence" />}
      <Stack gap="md">
        {items.map((one) => (
          <Proof key={`${one.source_id} ${one.target_id} ${one.port} ${one.protocol} ${one.kind}`} one={one} />
        ))}
      </Stack>
      {list.hasNextPage && (
        <Button variant="default" size="compact-sm" loading={list.isFetching} onClick={() => void list.fetchNextPage()}>
          More evidence
        </Button>
      )}
    </>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Proof({ one }: { one: EvidenceOut }) {
  const place = [one.port === null ? null : `port ${one.port}`, one.protocol].filter(Boolean).join("/");
  return (
    <div className={classes.proof}>
      <Text size="md" fw={600}>
        {one.source_name} → {one.target_name}
      </Text>
      <Text size="sm" c="dimmed">
        {[one.kind, place, one.connections !== null && counted(one.connections, "connection")]
          .filter(Boolean)
          .join(" · ")}
        {one.first_seen && one.last_seen && (
          <>
            {" "}
            · seen <Stamp at={one.first_seen} /> to <Stamp at={one.last_seen} />
          </>
        )}
      </Text>
      <List size="sm" mt={4}>
        {one.evidence.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </div>
  );
}
