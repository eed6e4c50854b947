/** Machines that act in their own name. */

import { Button, Checkbox, Stack, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { IconKey, IconPlus, IconRobot, IconUserCheck, IconUserOff, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedTokenOut, Role, UserOut } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { Empty } from "@/ui/Empty";
import { one, usePageSearch } from "@/ui/search";
import { CommandDialog } from "../parts/CommandDialog";
import { refused, useDone } from "../parts/done";
import { Listing } from "../parts/Listing";
import { RowMenu } from "../parts/RowMenu";
import { roleName } from "../parts/roles";
import { Secret } from "../parts/Secret";
import { PAGING, usePaged } from "../parts/usePaged";
import { useRoles } from "../parts/WhoMay";
import { NewTokenDialog } from "../tokens/NewTokenDialog";
import { RolesOf } from "./MemberDialog";
import { DisableMember } from "./MemberQuestions";
import { MEMBER_COLUMNS } from "./PeopleSection";

export function ServiceAccountsSection() {
  const [search, change] = usePageSearch();
  const [isMaking, setMaking] = useState(false);
  const [forToken, setForToken] = useState<UserOut | null>(null);
  const [toDisable, setToDisable] = useState<UserOut | null>(null);
  const [issued, setIssued] = useState<IssuedTokenOut | null>(null);
  const list = $api.useInfiniteQuery("get", "/api/v1/service-accounts", { params: { query: { limit: 100 } } }, PAGING);
  const { rows, more } = usePaged<UserOut>(list);
  const done = useDone();
  const enable = $api.useMutation("post", "/api/v1/users/{user_id}/enable", {
    onSuccess: (user) => done(`${user.name} can act again.`, "service-acc"),
    onError: refused,
  });
  const chosen = rows?.find((row) => row.id === one(search, "person"));
  const make = (
    <Button size="compact-md" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      Make a service account
    </Button>
  );
  const actions = {
    key: "actions",
    header: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 4,
    cell: (row: UserOut) => (
      <RowMenu
        label={`What to do with ${row.name}`}
        actions={[
          { label: "Roles", icon: IconUsers, onClick: () => change({ person: row.id }) },
          !row.disabled_at && { label: "Make a token", icon: IconKey, onClick: () => setForToken(row) },
          !row.disabled_at && {
            label: "Disable",
            icon: IconUserOff,
            onClick: () => setToDisable(row),
            isGrave: true,
          },
          row.disabled_at !== null && {
            label: "Enable",
            icon: IconUserCheck,
            onClick: () => enable.mutate({ params: { path: { user_id: row.id } } }),
          },
        ]}
      />
    ),
  };
  return (
    <>
      <Listing
        title="Service accounts"
        label="Service accounts of the client"
        columns={[...MEMBER_COLUMNS, actions]}
        rows={rows}
        more={more}
        rowKey={(row) => row.id}
        onOpen={(row) => change({ person: row.id })}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={rows && rows.length > 0 && make}
        empty={
          <Empty icon={IconRobot} title="No machine acts here yet" action={make}>
            A service account lets a pipeline or a script call the API in its own name, with tokens of its own. It never
            decides gates and manages no people.
          </Empty>
        }
      />
      {isMaking && <NewServiceAccount onClose={() => setMaking(false)} onMade={setForToken} />}
      {forToken && <NewTokenDialog account={forToken} onClose={() => setForToken(null)} onIssued={setIssued} />}
      {toDisable && <DisableMember user={toDisable} onClose={() => setToDisable(null)} />}
      {issued && (
        <Secret
          title={`Token ${issued.token.name}`}
          says="Give it to the machine as its bearer token. If it is lost, end it and make another."
          secret={issued.secret}
          onClose={() => setIssued(null)}
        />
      )}
      {chosen && (
        <Dialog onClose={() => change({ person: undefined })} title={chosen.name} size="lg">
          <RolesOf user={chosen} />
        </Dialog>
      )}
    </>
  );
}

function NewServiceAccount({ onClose, onMade }: { onClose(): void; onMade(user: UserOut): void }) {
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<Role[]>([]);
  const table = useRoles();
  const done = useDone();
  const make = $api.useMutation("post", "/api/v1/service-accounts", {
    onSuccess: (user) => {
      done(`The service account ${user.name} is made. It needs a token to act.`, "service-acc");
      onClose();
      onMade(user);
    },
  });
  return (
    <CommandDialog
      title="Make a service account"
      says="It acts in its own name; history and audit show it."
      button="Make it"
      isReady={name.trim() !== "" && roles.length > 0}
      isPending={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate({ body: { name: name.trim(), roles } })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        placeholder="nightly-import"
        description="Small letters, digits and hyphens"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={63}
        required
        data-autofocus
      />
      <Stack gap="sm">
        <Text size="md" fw={560}>
          Roles in this engagement
        </Text>
        {(table?.roles ?? [])
          .filter((role) => role.for_services)
          .map(({ role, description }) => (
            <Checkbox
              key={role}
              label={roleName(role)}
              description={description}
              checked={roles.includes(role)}
              onChange={(event) =>
                setRoles(event.currentTarget.checked ? [...roles, role] : roles.filter((one) => one !== role))
              }
            />
          ))}
      </Stack>
    </CommandDialog>
  );
}
