/** The client, its engagements, and who may approve what they started. */
import { Button, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconShieldCheck } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "@/api/client";
import type { EngagementOut } from "@/api/schema";
import { Allowed, useEngagement, useMay, useMe } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { Stamp, When } from "@/ui/When";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { Listing } from "../parts/Listing";
import parts from "../parts/parts.module.css";
import { PAGING, usePaged } from "../parts/usePaged";
import { WhoMay } from "../parts/WhoMay";
import { fromPolicy, POLICIES, policySaid, toPolicy } from "./policy";

export function ClientSection() {
  const me = useMe();
  const clients = $api.useQuery("get", "/api/v1/clients");
  const client = clients.data?.items[0];
  return (
    <>
      <Section title="Client">
        <dl className={parts.pairs}>
          <dt>Name</dt>
          <dd>{me.client}</dd>
          <dt>Known since</dt>
          <dd>{client ? <Stamp at={client.created_at} /> : "…"}</dd>
          <dt>Id</dt>
          <dd className="mf-mono">{me.client_account_id}</dd>
        </dl>
        <Text size="sm" c="dimmed" mt="md">
          Clients are made at the server by its operator: <code>masterflow client create</code>.
        </Text>
      </Section>
      <Engagements />
      <SelfApproval />
    </>
  );
}

const COLUMNS: DataColumn<EngagementOut>[] = [
  {
    key: "name",
    header: "Engagement",
    cell: (row) => (
      <AnchorLink to="/e/$engagement/flows" params={{ engagement: row.id }}>
        {row.name}
      </AnchorLink>
    ),
    width: 18,
  },
  { key: "policy", header: "Self-approval", cell: (row) => policySaid(row.self_approval), width: 16 },
  { key: "since", header: "Opened", cell: (row) => <When at={row.created_at} />, width: 9 },
];

function Engagements() {
  const [isOpen, setOpen] = useState(false);
  const list = $api.useInfiniteQuery("get", "/api/v1/engagements", { params: { query: { limit: 100 } } }, PAGING);
  const { rows, more } = usePaged<EngagementOut>(list);
  const mayOpen = useMay("client.manage");
  return (
    <>
      <Listing
        title="Engagements"
        label="Engagements that you belong to"
        columns={COLUMNS}
        rows={rows}
        more={more}
        rowKey={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={null}
        aside={
          mayOpen && (
            <Button size="compact-md" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
              Open an engagement
            </Button>
          )
        }
      />
      {!mayOpen && <WhoMay to="client.manage">open engagements.</WhoMay>}
      {isOpen && <OpenEngagement onClose={() => setOpen(false)} />}
    </>
  );
}

function OpenEngagement({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const done = useDone();
  const navigate = useNavigate();
  const open = $api.useMutation("post", "/api/v1/engagements", {
    onSuccess: (made) => {
      done(`The engagement ${made.name} is open.`, "engagements", "me");
      onClose();
      void navigate({ to: "/e/$engagement/flows", params: { engagement: made.id } });
    },
  });
  return (
    <CommandDialog
      title="Open an engagement"
      says="An engagement is one migration programme with its own estate, flows and people. You become a member of it."
      button="Open it"
      isReady={name.trim() !== ""}
      isPending={open.isPending}
      error={open.error}
      onSubmit={() => open.mutate({ body: { name: name.trim() } })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        placeholder="Data centre exit"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        data-autofocus
      />
    </CommandDialog>
  );
}

function SelfApproval() {
  const engagement = useEngagement();
  const { data } = $api.useQuery("get", "/api/v1/me");
  const now = data?.engagements.find((one) => one.id === engagement.id) ?? engagement;
  const [wanted, setWanted] = useState<string | null>(null);
  const done = useDone();
  const set = $api.useMutation("patch", "/api/v1/engagements/{engagement_id}", {
    onSuccess: (changed) => {
      done(`Self-approval: ${policySaid(changed.self_approval).toLowerCase()}.`, "engagements", "me", "inbox");
      setWanted(null);
    },
  });
  const mayChange = useMay("client.manage");
  return (
    <Section
      title="Self-approval"
      aside={
        <Tone tone="rest" icon={IconShieldCheck}>
          {policySaid(now.self_approval)}
        </Tone>
      }
    >
      <Stack gap="md">
        <Text size="md">May somebody who started a flow in {engagement.name} also approve what it asks?</Text>
        <Allowed to="client.manage">
          <Radio.Group value={wanted ?? fromPolicy(now.self_approval)} onChange={setWanted} aria-label="Self-approval">
            <Stack gap="sm">
              {POLICIES.map(({ value, label, about }) => (
                <Radio key={value} value={value} label={label} description={about} />
              ))}
            </Stack>
          </Radio.Group>
        </Allowed>
        {!mayChange && <WhoMay to="client.manage">change this.</WhoMay>}
      </Stack>
      {wanted !== null && (
        <CommandDialog
          title="Change who may approve"
          says={`${POLICIES.find(({ value }) => value === wanted)?.about} It holds from now on; what was decided stays.`}
          button="Change it"
          isPending={set.isPending}
          error={set.error}
          onSubmit={() =>
            set.mutate({
              params: { path: { engagement_id: engagement.id } },
              body: { self_approval: toPolicy(wanted) },
            })
          }
          onClose={() => setWanted(null)}
        />
      )}
    </Section>
  );
}
