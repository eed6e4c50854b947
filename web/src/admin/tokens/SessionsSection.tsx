/** The browsers that the reader is or was signed in with. */
import { Button, Text, VisuallyHidden } from "@mantine/core";
import { IconDeviceLaptop } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { SessionOut } from "@/api/schema";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { Listing } from "../parts/Listing";
import { PAGING, usePaged } from "../parts/usePaged";
import { browserName } from "./browser";
import { SecretTone } from "./states";

const COLUMNS: DataColumn<SessionOut>[] = [
  {
    key: "browser",
    header: "Browser",
    cell: (row) => <span title={row.browser ?? undefined}>{browserName(row.browser)}</span>,
    width: 12,
  },
  {
    key: "state",
    header: "State",
    cell: (row) => (row.current ? <Tone tone="busy">This browser</Tone> : <SecretTone state={row.state} />),
    width: 9,
  },
  { key: "seen", header: "Last seen", cell: (row) => <When at={row.last_seen_at} />, width: 7 },
  { key: "since", header: "Signed in", cell: (row) => <When at={row.created_at} />, width: 7 },
  { key: "until", header: "Ends", cell: (row) => <When at={row.revoked_at ?? row.expires_at} />, width: 7 },
  { key: "by", header: "Link made by", cell: (row) => row.made_by ?? "the operator", width: 9 },
];

export function SessionsSection() {
  const [toEnd, setToEnd] = useState<SessionOut | null>(null);
  const list = $api.useInfiniteQuery("get", "/api/v1/sessions", { params: { query: { limit: 200 } } }, PAGING);
  const { rows, more } = usePaged<SessionOut>(list);
  const newest = rows && [...rows].sort((a, b) => order(b) - order(a));
  const actions: DataColumn<SessionOut> = {
    key: "end",
    header: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 5.5,
    cell: (row) =>
      row.state === "active" &&
      !row.current && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setToEnd(row)}
          aria-label={`End it: the session of ${browserName(row.browser)}`}
        >
          End it
        </Button>
      ),
  };
  return (
    <>
      <Listing
        title="My sessions"
        label="My sessions, the active ones first"
        columns={[...COLUMNS, actions]}
        rows={newest}
        more={more}
        height="36rem"
        rowKey={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          <Empty icon={IconDeviceLaptop} title="No browser is signed in">
            You are here with a token. Sessions are made by sign-in links.
          </Empty>
        }
      />
      <Text size="sm" c="dimmed">
        A session ends by itself 12 hours after it began, or after 2 hours without use. To end the one of this browser,
        sign out in the menu at the top.
      </Text>
      {toEnd && <EndSession session={toEnd} onClose={() => setToEnd(null)} />}
    </>
  );
}

function order(session: SessionOut): number {
  const rank = session.current ? 2 : session.state === "active" ? 1 : 0;
  return rank * 1e15 + Date.parse(session.last_seen_at);
}

function EndSession({ session, onClose }: { session: SessionOut; onClose(): void }) {
  const done = useDone();
  const end = $api.useMutation("delete", "/api/v1/sessions/{session_id}", {
    onSuccess: () => {
      onClose();
      done("The session is ended.", "sessions");
    },
  });
  return (
    <CommandDialog
      title="End the session"
      says={`${browserName(session.browser)} is signed out at once. Signing in there again needs a new link.`}
      button="End it"
      isGrave
      isPending={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate({ params: { path: { session_id: session.id } } })}
      onClose={onClose}
    />
  );
}
