/** Tokens: the reader's own, and everybody's for who manages members. */
import { Button, SegmentedControl, Text, VisuallyHidden } from "@mantine/core";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedTokenOut, TokenOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { counted } from "@/ui/numbers";
import { one, usePageSearch } from "@/ui/search";
import { When } from "@/ui/When";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { Listing } from "../parts/Listing";
import { RowMenu } from "../parts/RowMenu";
import { Secret } from "../parts/Secret";
import { PAGING, usePaged } from "../parts/usePaged";
import { WhoMay } from "../parts/WhoMay";
import { NewTokenDialog } from "./NewTokenDialog";
import { SecretTone } from "./states";

const COLUMNS: DataColumn<TokenOut>[] = [
  { key: "name", header: "For", cell: (row) => row.name, width: 9.5 },
  { key: "owner", header: "Speaks for", cell: (row) => row.owner ?? "somebody who left", width: 13 },
  {
    key: "scopes",
    header: "May",
    cell: (row) =>
      row.scopes ? (
        <span title={row.scopes.join(", ")}>{counted(row.scopes.length, "thing")}</span>
      ) : (
        "all that its owner may"
      ),
    width: 10,
  },
  { key: "state", header: "State", cell: (row) => <SecretTone state={row.state} />, width: 6.5 },
  { key: "until", header: "Until", cell: (row) => <When at={row.revoked_at ?? row.expires_at} />, width: 7 },
  {
    key: "used",
    header: "Last used",
    cell: (row) => (row.last_used_at ? <When at={row.last_used_at} /> : "never"),
    width: 7,
  },
];

export function TokensSection() {
  const me = useMe();
  const [search, change] = usePageSearch();
  const [isMaking, setMaking] = useState(false);
  const [issued, setIssued] = useState<IssuedTokenOut | null>(null);
  const [toEnd, setToEnd] = useState<TokenOut | null>(null);
  const mayManage = useMay("members.manage");
  const list = $api.useInfiniteQuery("get", "/api/v1/tokens", { params: { query: { limit: 200 } } }, PAGING);
  const { rows, more } = usePaged<TokenOut>(list);
  const isAll = mayManage && one(search, "whose") === "all";
  const shown = rows?.filter((row) => isAll || row.user_id === me.user_id);
  const make = (
    <Button size="compact-md" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      Make a token
    </Button>
  );
  const actions: DataColumn<TokenOut> = {
    key: "actions",
    header: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 3.5,
    cell: (row) => (
      <RowMenu
        label={`What to do with the token ${row.name}`}
        actions={[
          row.state === "active" && { label: "End it", icon: IconTrash, onClick: () => setToEnd(row), isGrave: true },
        ]}
      />
    ),
  };
  return (
    <>
      {mayManage && (
        <SegmentedControl
          aria-label="Whose tokens"
          value={isAll ? "all" : "mine"}
          onChange={(whose) => change({ whose: whose === "all" ? whose : undefined })}
          data={[
            { value: "mine", label: "Mine" },
            { value: "all", label: "Everybody's" },
          ]}
          w="fit-content"
        />
      )}
      <Listing
        title={isAll ? "Tokens of all members" : "My tokens"}
        label={isAll ? "Tokens of all members" : "My tokens"}
        columns={[...COLUMNS, actions]}
        rows={shown}
        more={more}
        rowKey={(row) => row.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={shown && shown.length > 0 && make}
        empty={
          <Empty icon={IconKey} title="No token yet" action={make}>
            A token lets a script or the command line act in your name: <code>Authorization: Bearer mf_…</code>. Narrow
            it to what the program needs, and let it end by itself.
          </Empty>
        }
      />
      {!mayManage && <WhoMay to="members.manage">see and end the tokens of others.</WhoMay>}
      {isMaking && <NewTokenDialog onClose={() => setMaking(false)} onIssued={setIssued} />}
      {issued && (
        <Secret
          title={`Token ${issued.token.name}`}
          says="Give it to the program that needs it. If it is lost, end it and make another."
          secret={issued.secret}
          onClose={() => setIssued(null)}
        />
      )}
      {toEnd && <EndToken token={toEnd} onClose={() => setToEnd(null)} />}
    </>
  );
}

function EndToken({ token, onClose }: { token: TokenOut; onClose(): void }) {
  const done = useDone();
  const end = $api.useMutation("delete", "/api/v1/tokens/{token_id}", {
    onSuccess: () => {
      onClose();
      done(`The token ${token.name} is ended.`, "tokens");
    },
  });
  return (
    <CommandDialog
      title={`End the token ${token.name}`}
      says={
        <>
          Whatever uses it is refused from now on. This cannot be undone.
          {token.last_used_at && (
            <Text span display="block" mt="xs">
              It was last used <When at={token.last_used_at} />.
            </Text>
          )}
        </>
      }
      button="End it"
      isGrave
      isPending={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate({ params: { path: { token_id: token.id } } })}
      onClose={onClose}
    />
  );
}
