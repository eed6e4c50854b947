/** What was sent to a webhook or is to be, what it answered, and sending it again. */

import { Button, Code, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { IconRefresh, IconRepeat } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { DeliveryOut, DeliveryState } from "@/api/schema";
import type { DataColumn } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { counted } from "@/ui/numbers";
import { one, usePageSearch } from "@/ui/search";
import { Tone, type ToneName } from "@/ui/Tone";
import { Stamp, When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { CommandDialog } from "../parts/CommandDialog";
import { refused, useDone } from "../parts/done";
import { Listing } from "../parts/Listing";
import parts from "../parts/parts.module.css";
import { PAGING, usePaged } from "../parts/usePaged";
import { stateOf } from "./draft";

const SAID: Record<DeliveryState, { word: string; tone: ToneName }> = {
  pending: { word: "To be sent", tone: "busy" },
  delivered: { word: "Delivered", tone: "good" },
  failed: { word: "Given up", tone: "bad" },
};

const COLUMNS: DataColumn<DeliveryOut>[] = [
  { key: "at", header: "When", cell: (row) => <When at={row.created_at} />, width: 8 },
  { key: "kind", header: "Event", cell: (row) => (row.event_id === null ? "Test" : spoken(row.kind)), width: 11 },
  {
    key: "state",
    header: "State",
    cell: (row) => <Tone tone={SAID[row.state].tone}>{SAID[row.state].word}</Tone>,
    width: 9,
  },
  { key: "answer", header: "Answer", cell: (row) => row.status_code ?? row.error ?? "–", width: 14 },
  { key: "tries", header: "Tries", cell: (row) => row.attempts, width: 5, numeric: true },
  {
    key: "took",
    header: "Took",
    cell: (row) => (row.duration_ms === null ? "–" : `${row.duration_ms} ms`),
    width: 6,
    numeric: true,
  },
];

export function Deliveries({ webhookId }: { webhookId: string }) {
  const [search, change] = usePageSearch();
  const [isReplaying, setReplaying] = useState(false);
  const state = stateOf(search);
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/webhooks/{webhook_id}/deliveries",
    { params: { path: { webhook_id: webhookId }, query: { state, limit: 100 } } },
    { ...PAGING, placeholderData: (before) => before },
  );
  const { rows, more } = usePaged<DeliveryOut>(list);
  const chosen = rows?.find((row) => row.id === one(search, "delivery"));
  return (
    <>
      <Listing
        title="Deliveries"
        label="Deliveries, newest first"
        columns={COLUMNS}
        rows={rows}
        more={more}
        height="30rem"
        rowKey={(row) => row.id}
        rowLabel={(row) => row.kind}
        onOpen={(row) => change({ delivery: row.id })}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={
          <Group gap="sm">
            <SegmentedControl
              size="xs"
              aria-label="State of the deliveries"
              value={state ?? "all"}
              onChange={(value) => change({ state: value === "all" ? undefined : value })}
              data={[{ value: "all", label: "All" }, ...states()]}
            />
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={list.isFetching}
              onClick={() => void list.refetch()}
            >
              Look again
            </Button>
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconRepeat size={16} aria-hidden />}
              onClick={() => setReplaying(true)}
            >
              Send many again
            </Button>
          </Group>
        }
        empty={
          <Text c="dimmed" p="md">
            {state ? "No delivery is in this state." : "Nothing was sent yet. Send a test to see whether it arrives."}
          </Text>
        }
      />
      {chosen && <Delivery delivery={chosen} onClose={() => change({ delivery: undefined })} />}
      {isReplaying && <ReplayMany webhookId={webhookId} onClose={() => setReplaying(false)} />}
    </>
  );
}

function states() {
  return (Object.keys(SAID) as DeliveryState[]).map((state) => ({ value: state, label: SAID[state].word }));
}

function Delivery({ delivery, onClose }: { delivery: DeliveryOut; onClose(): void }) {
  const done = useDone();
  const replay = $api.useMutation("post", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
    onSuccess: () => {
      onClose();
      done("It is sent again, under its id.", "webhooks");
    },
    onError: refused,
  });
  return (
    <Dialog onClose={onClose} title={delivery.event_id === null ? "Test" : spoken(delivery.kind)} size="lg">
      <Stack gap="md">
        <dl className={parts.pairs}>
          <dt>State</dt>
          <dd>
            <Tone tone={SAID[delivery.state].tone}>{SAID[delivery.state].word}</Tone>
          </dd>
          <dt>Made</dt>
          <dd>
            <Stamp at={delivery.created_at} />
          </dd>
          {delivery.state === "pending" && (
            <>
              <dt>Next try</dt>
              <dd>
                <When at={delivery.next_at} />
              </dd>
            </>
          )}
          <dt>Tries</dt>
          <dd>{delivery.attempts}</dd>
          <dt>Status</dt>
          <dd>{delivery.status_code ?? "no answer"}</dd>
          {delivery.error && (
            <>
              <dt>Error</dt>
              <dd>{delivery.error}</dd>
            </>
          )}
          <dt>Id</dt>
          <dd className="mf-mono">{delivery.id}</dd>
        </dl>
        {delivery.response && (
          <Code block className={parts.secret} tabIndex={0} aria-label="The first of what it answered">
            {delivery.response}
          </Code>
        )}
        {delivery.state !== "pending" && (
          <Group justify="flex-end">
            <Button
              leftSection={<IconRepeat size={16} aria-hidden />}
              loading={replay.isPending}
              onClick={() =>
                replay.mutate({ params: { path: { webhook_id: delivery.webhook_id, delivery_id: delivery.id } } })
              }
            >
              Send it again
            </Button>
          </Group>
        )}
      </Stack>
    </Dialog>
  );
}

function ReplayMany({ webhookId, onClose }: { webhookId: string; onClose(): void }) {
  const [after, setAfter] = useState("");
  const done = useDone();
  const replay = $api.useMutation("post", "/api/v1/webhooks/{webhook_id}/replay", {
    onSuccess: ({ count }) => {
      onClose();
      done(`${counted(count, "delivery", "deliveries")} ${count === 1 ? "is" : "are"} sent again.`, "webhooks");
    },
  });
  return (
    <CommandDialog
      title="Send many again"
      says="Everything that was made after a moment and is not to be sent anyway is sent once more, each under its id, so that a receiver that knows it can leave it."
      button="Send again"
      isReady={after !== ""}
      isPending={replay.isPending}
      error={replay.error}
      onSubmit={() =>
        replay.mutate({
          params: { path: { webhook_id: webhookId }, query: { after: new Date(after).toISOString() } },
        })
      }
      onClose={onClose}
    >
      <TextInput
        type="datetime-local"
        label="Made after"
        description="By your clock"
        value={after}
        onChange={(event) => setAfter(event.currentTarget.value)}
        required
        data-autofocus
      />
    </CommandDialog>
  );
}
