/** What waits for a decision: for the reader, for the team, and what the reader has answered. */
import { SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { IconChecks, IconHistory, IconInbox } from "@tabler/icons-react";
import { $api } from "@/api/client";
import type { InboxItemOut, InboxView } from "@/api/schema";
import { useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { GateCard } from "./GateCard";

const VIEWS: { value: InboxView; label: string }[] = [
  { value: "mine", label: "Mine" },
  { value: "team", label: "My team" },
  { value: "history", label: "History" },
];
const ABOUT: Record<InboxView, string> = {
  mine: "Gates that your roles may decide, those due first.",
  team: "Every open gate of this engagement, those due first.",
  history: "What you have answered, the newest first.",
};

export function InboxPage() {
  const [search, change] = usePageSearch();
  const view = VIEWS.find(({ value }) => value === one(search, "view"))?.value ?? "mine";
  const inbox = $api.useQuery("get", "/api/v1/inbox", { params: { query: { view } } });
  return (
    <Page
      title="Inbox"
      about={ABOUT[view]}
      wide={false}
      actions={
        <SegmentedControl
          aria-label="Whose gates"
          data={VIEWS}
          value={view}
          onChange={(to) => change({ view: to === "mine" ? undefined : to })}
        />
      }
    >
      {inbox.error && <ProblemNote error={inbox.error} onRetry={() => void inbox.refetch()} />}
      {inbox.isPending && <Waiting />}
      {inbox.data && <Gates items={inbox.data.items} view={view} />}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap="md" role="status" aria-label="Loading">
      <Skeleton height={118} />
      <Skeleton height={118} />
    </Stack>
  );
}

function Gates({ items, view }: { items: InboxItemOut[]; view: InboxView }) {
  if (items.length === 0) return <Nothing view={view} />;
  const mine = items.filter((item) => item.may_decide).length;
  return (
    <Stack gap="md">
      <Text size="md" c="dimmed" role="status">
        {counted(items.length, "gate")}
        {view !== "history" && `, ${mine === 0 ? "none" : mine} for you to approve`}
      </Text>
      {items.map((item) => (
        <GateCard key={item.gate.id} item={item} />
      ))}
    </Stack>
  );
}

function Nothing({ view }: { view: InboxView }) {
  const { engagement_id: engagement } = useMe();
  if (view === "history")
    return (
      <Empty icon={IconHistory} title="You have not answered a gate yet">
        Each answer you give stays here, with what you saw and what you changed.
      </Empty>
    );
  return (
    <Empty
      icon={view === "mine" ? IconChecks : IconInbox}
      title={view === "mine" ? "Nothing waits for you" : "Nothing waits for a decision"}
      action={
        <>
          {view === "mine" && (
            <ButtonLink to="/e/$engagement/inbox" params={{ engagement }} search={{ view: "team" }} variant="default">
              What waits for others
            </ButtonLink>
          )}
          <ButtonLink to="/e/$engagement/flows" params={{ engagement }} variant="default">
            See the flows
          </ButtonLink>
        </>
      }
    >
      Flows stop at gates to ask people: are these column matches right, is this the right strategy, is this the order
      to move in? A gate appears here by itself when a flow reaches it.
    </Empty>
  );
}
