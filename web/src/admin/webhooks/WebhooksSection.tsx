/** Who is told of events over HTTP. */
import { Button, Text } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedWebhookOut, WebhookOut } from "@/api/schema";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { counted } from "@/ui/numbers";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { Listing } from "../parts/Listing";
import { Secret } from "../parts/Secret";
import { PAGING, usePaged } from "../parts/usePaged";
import { WebhookDetail } from "./WebhookDetail";
import { WebhookDialog } from "./WebhookDialog";

export function WebhookTone({ webhook }: { webhook: WebhookOut }) {
  if (!webhook.active) return <Tone tone="wait">{webhook.paused_because ? "Stopped" : "Paused"}</Tone>;
  if (webhook.failures > 0) return <Tone tone="bad">{`${counted(webhook.failures, "failure")}`}</Tone>;
  return <Tone tone="good">Active</Tone>;
}

const COLUMNS: DataColumn<WebhookOut>[] = [
  {
    key: "url",
    header: "Address",
    cell: (row) => (
      <Text span size="md" fw={560} title={row.url}>
        {row.url}
      </Text>
    ),
    width: 20,
  },
  { key: "about", header: "For", cell: (row) => row.description || "–", width: 12 },
  {
    key: "kinds",
    header: "Told of",
    cell: (row) => (row.kinds.length === 0 ? "everything" : counted(row.kinds.length, "kind")),
    width: 8,
  },
  { key: "state", header: "State", cell: (row) => <WebhookTone webhook={row} />, width: 8 },
  { key: "since", header: "Made", cell: (row) => <When at={row.created_at} />, width: 8 },
];

export function WebhooksSection() {
  const [search, change] = usePageSearch();
  const [issued, setIssued] = useState<IssuedWebhookOut | null>(null);
  const chosen = one(search, "webhook");
  return (
    <>
      {chosen && chosen !== "new" ? <WebhookDetail id={chosen} onIssued={setIssued} /> : <Webhooks />}
      {chosen === "new" && (
        <WebhookDialog
          onClose={() => change({ webhook: undefined })}
          onIssued={(made) => {
            setIssued(made);
            change({ webhook: made.webhook.id });
          }}
        />
      )}
      {issued && (
        <Secret
          title="Secret of the webhook"
          says={`Give it to the program at ${issued.webhook.url}: each request is signed with it. If it is lost, rotate it.`}
          secret={issued.secret}
          onClose={() => setIssued(null)}
        />
      )}
    </>
  );
}

function Webhooks() {
  const [, change] = usePageSearch();
  const list = $api.useInfiniteQuery("get", "/api/v1/webhooks", { params: { query: { limit: 100 } } }, PAGING);
  const { rows, more } = usePaged<WebhookOut>(list);
  const make = (
    <Button
      size="compact-md"
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => change({ webhook: "new" })}
    >
      Make a webhook
    </Button>
  );
  return (
    <Listing
      title="Webhooks"
      label="Webhooks of the engagement"
      columns={COLUMNS}
      rows={rows}
      more={more}
      rowKey={(row) => row.id}
      rowLabel={(row) => row.url}
      onOpen={(row) => change({ webhook: row.id })}
      error={list.error}
      onRetry={() => void list.refetch()}
      aside={rows && rows.length > 0 && make}
      empty={
        <Empty icon={IconWebhook} title="No program is told of events" action={make}>
          A webhook sends each event to an address of yours, signed: a gate that waits for approval to the team's chat,
          a flow that failed to the service desk.
        </Empty>
      }
    />
  );
}
