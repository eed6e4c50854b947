/** One webhook: where it tells what, and the commands on it. */
import { Alert, Button, Group, Skeleton } from "@mantine/core";
import {
  IconArrowLeft,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRotate,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedWebhookOut, WebhookOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { usePageSearch } from "@/ui/search";
import { Stamp } from "@/ui/When";
import { spoken } from "@/ui/words";
import { CommandDialog } from "../parts/CommandDialog";
import { refused, useDone, useGone } from "../parts/done";
import parts from "../parts/parts.module.css";
import { Deliveries } from "./Deliveries";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookTone } from "./WebhooksSection";

interface DetailProps {
  id: string;
  onIssued(issued: IssuedWebhookOut): void;
}

export function WebhookDetail({ id, onIssued }: DetailProps) {
  const [, change] = usePageSearch();
  const found = $api.useQuery("get", "/api/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: id } } });
  return (
    <>
      <div>
        <Button
          variant="subtle"
          size="compact-md"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={() => change({ webhook: undefined, state: undefined, delivery: undefined })}
        >
          All webhooks
        </Button>
      </div>
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={260} />}
      {found.data && (
        <>
          <Section title={found.data.description || "Webhook"} aside={<WebhookTone webhook={found.data} />}>
            <Facts webhook={found.data} />
            <Commands webhook={found.data} onIssued={onIssued} />
          </Section>
          <Deliveries webhookId={id} />
        </>
      )}
    </>
  );
}

function Facts({ webhook }: { webhook: WebhookOut }) {
  return (
    <>
      {webhook.paused_because && (
        <Alert variant="light" color="orange" title="It was stopped" mb="md">
          {webhook.paused_because} What has happened since waits, and is sent when you let it go on.
        </Alert>
      )}
      <dl className={parts.pairs}>
        <dt>Address</dt>
        <dd className="mf-mono">{webhook.url}</dd>
        <dt>Told of</dt>
        <dd>{webhook.kinds.length === 0 ? "every kind of event" : webhook.kinds.map(spoken).join(", ")}</dd>
        <dt>Flow types</dt>
        <dd>{webhook.flow_types.length === 0 ? "all" : webhook.flow_types.map(spoken).join(", ")}</dd>
        <dt>Made by</dt>
        <dd>
          {webhook.created_by}, <Stamp at={webhook.created_at} />
        </dd>
      </dl>
    </>
  );
}

type Asked = "change" | "rotate" | "delete" | null;

function Commands({ webhook, onIssued }: { webhook: WebhookOut; onIssued(issued: IssuedWebhookOut): void }) {
  const [asked, setAsked] = useState<Asked>(null);
  const done = useDone();
  const params = { path: { webhook_id: webhook.id } };
  const close = () => setAsked(null);
  const test = $api.useMutation("post", "/api/v1/webhooks/{webhook_id}/test", {
    onSuccess: () => done("A test is sent. The list of deliveries says what became of it.", "webhooks"),
    onError: refused,
  });
  const set = $api.useMutation("patch", "/api/v1/webhooks/{webhook_id}", {
    onSuccess: (now) =>
      done(now.active ? "It goes on; what has waited is sent." : "It is paused; events wait for it.", "webhooks"),
    onError: refused,
  });
  return (
    <Group gap="sm" mt="lg">
      <Button
        leftSection={<IconSend size={16} aria-hidden />}
        loading={test.isPending}
        onClick={() => test.mutate({ params })}
      >
        Send a test
      </Button>
      <Button
        variant="default"
        leftSection={
          webhook.active ? <IconPlayerPause size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />
        }
        loading={set.isPending}
        onClick={() => set.mutate({ params, body: { active: !webhook.active } })}
      >
        {webhook.active ? "Pause" : "Go on"}
      </Button>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setAsked("change")}>
        Change
      </Button>
      <Button variant="default" leftSection={<IconRotate size={16} aria-hidden />} onClick={() => setAsked("rotate")}>
        Rotate the secret
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>
        Delete
      </Button>
      {asked === "change" && <WebhookDialog webhook={webhook} onClose={close} />}
      {asked === "rotate" && <Rotate webhook={webhook} onClose={close} onIssued={onIssued} />}
      {asked === "delete" && <Delete webhook={webhook} onClose={close} />}
    </Group>
  );
}

interface RotateProps {
  webhook: WebhookOut;
  onClose(): void;
  onIssued(issued: IssuedWebhookOut): void;
}

function Rotate({ webhook, onClose, onIssued }: RotateProps) {
  const done = useDone();
  const rotate = $api.useMutation("post", "/api/v1/webhooks/{webhook_id}/rotate", {
    onSuccess: (issued) => {
      onClose();
      onIssued(issued);
      done("The webhook has a new secret.", "webhooks");
    },
  });
  return (
    <CommandDialog
      title="Rotate the secret"
      says="A new secret signs the requests from now on. For a day they are signed with the former one too, so that the receiver can change over."
      button="Rotate"
      isPending={rotate.isPending}
      error={rotate.error}
      onSubmit={() => rotate.mutate({ params: { path: { webhook_id: webhook.id } } })}
      onClose={onClose}
    />
  );
}

function Delete({ webhook, onClose }: { webhook: WebhookOut; onClose(): void }) {
  const [, change] = usePageSearch();
  const done = useGone();
  const drop = $api.useMutation("delete", "/api/v1/webhooks/{webhook_id}", {
    onSuccess: () => {
      change({ webhook: undefined, state: undefined, delivery: undefined });
      done("The webhook is deleted.", "webhooks");
    },
  });
  return (
    <CommandDialog
      title="Delete the webhook"
      says={`${webhook.url} is told nothing more, and the list of its deliveries goes too. This cannot be undone.`}
      button="Delete"
      isGrave
      isPending={drop.isPending}
      error={drop.error}
      onSubmit={() => drop.mutate({ params: { path: { webhook_id: webhook.id } } })}
      onClose={onClose}
    />
  );
}
