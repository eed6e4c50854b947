/** Making a webhook, or changing where to and of what it tells. */
import { MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedWebhookOut, WebhookOut } from "@/api/schema";
import { spoken } from "@/ui/words";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { bodyOf, draftOf, EVENT_KINDS, isAddress, type WebhookDraft } from "./draft";

export interface WebhookDialogProps {
  webhook?: WebhookOut;
  onClose(): void;
  onIssued?(issued: IssuedWebhookOut): void;
}

export function WebhookDialog({ webhook, onClose, onIssued }: WebhookDialogProps) {
  const [draft, setDraft] = useState<WebhookDraft>(() => draftOf(webhook));
  const types = $api.useQuery("get", "/api/v1/flow-types", {}, { staleTime: Number.POSITIVE_INFINITY });
  const done = useDone();
  const make = $api.useMutation("post", "/api/v1/webhooks", {
    onSuccess: (issued) => {
      done("The webhook is made.", "webhooks");
      onIssued?.(issued);
    },
  });
  const redo = $api.useMutation("patch", "/api/v1/webhooks/{webhook_id}", {
    onSuccess: () => {
      done("The webhook is changed.", "webhooks");
      onClose();
    },
  });
  const save = () => {
    if (webhook) redo.mutate({ params: { path: { webhook_id: webhook.id } }, body: bodyOf(draft) });
    else make.mutate({ body: bodyOf(draft) });
  };
  const set = (part: Partial<WebhookDraft>) => setDraft((now) => ({ ...now, ...part }));
  return (
    <CommandDialog
      title={webhook ? "Change the webhook" : "Make a webhook"}
      button={webhook ? "Change it" : "Make it"}
      size="lg"
      isReady={isAddress(draft.url)}
      isPending={make.isPending || redo.isPending}
      error={make.error ?? redo.error}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput
        label="Address"
        type="url"
        placeholder="https://hooks.example/masterflow"
        description="It gets a POST with each event; addresses within this network are refused unless the operator allows them"
        value={draft.url}
        onChange={(event) => set({ url: event.currentTarget.value })}
        maxLength={2000}
        required
        data-autofocus
      />
      <TextInput
        label="What it is for"
        placeholder="Service desk"
        value={draft.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
        maxLength={200}
      />
      <MultiSelect
        label="Kinds of events"
        description="None chosen: all"
        data={EVENT_KINDS.map((kind) => ({ value: kind, label: spoken(kind) }))}
        value={draft.kinds}
        onChange={(kinds) => set({ kinds })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "All kinds" }}
      />
      <MultiSelect
        label="Flow types"
        description="None chosen: all"
        data={(types.data?.items ?? []).map((type) => ({ value: type.name, label: type.title }))}
        value={draft.flowTypes}
        onChange={(flowTypes) => set({ flowTypes })}
        clearable
        clearButtonProps={{ "aria-label": "All flow types" }}
      />
    </CommandDialog>
  );
}
