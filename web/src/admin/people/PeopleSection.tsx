/** Who is a member, with which roles, and what each role may do. */
import { Button, Group, Text } from "@mantine/core";
import { IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { UserOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { Listing } from "../parts/Listing";
import { roleName } from "../parts/roles";
import { PAGING, usePaged } from "../parts/usePaged";
import { WhoMay } from "../parts/WhoMay";
import { AddPerson } from "./AddPerson";
import { MemberDialog } from "./MemberDialog";
import { RolesTable } from "./RolesTable";

export const MEMBER_COLUMNS: DataColumn<UserOut>[] = [
  {
    key: "name",
    header: "Name",
    cell: (row) => (
      <Text span size="md" fw={560}>
        {row.name}
      </Text>
    ),
    width: 10,
  },
  { key: "email", header: "Address", cell: (row) => row.email, width: 16 },
  { key: "roles", header: "Roles", cell: (row) => row.roles.map(roleName).join(", ") || "none here", width: 12 },
  {
    key: "state",
    header: "State",
    cell: (row) => (row.disabled_at ? <Tone tone="bad">Disabled</Tone> : <Tone tone="good">Active</Tone>),
    width: 8,
  },
  { key: "since", header: "Since", cell: (row) => <When at={row.created_at} />, width: 7 },
];

export function PeopleSection() {
  const me = useMe();
  const [search, change] = usePageSearch();
  const [isAdding, setAdding] = useState(false);
  const mayManage = useMay("members.manage");
  const list = $api.useInfiniteQuery("get", "/api/v1/users", { params: { query: { limit: 200 } } }, PAGING);
  const { rows, more } = usePaged<UserOut>(list);
  const chosen = one(search, "person");
  return (
    <>
      <Listing
        title="Members"
        label="Members of the engagement"
        columns={MEMBER_COLUMNS}
        rows={rows}
        more={more}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.email}
        onOpen={(row) => change({ person: row.id })}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          <Empty icon={IconUsers} title="Nobody is a member">
            Add the people who work on this engagement.
          </Empty>
        }
        aside={
          mayManage && (
            <Button
              size="compact-md"
              leftSection={<IconUserPlus size={16} aria-hidden />}
              onClick={() => setAdding(true)}
            >
              Add a person
            </Button>
          )
        }
      />
      {!mayManage && (
        <Group>
          <WhoMay to="members.manage">add people and give roles.</WhoMay>
        </Group>
      )}
      <RolesTable mine={me.roles} />
      {isAdding && <AddPerson onClose={() => setAdding(false)} onAdded={(user) => change({ person: user.id })} />}
      {chosen && <MemberDialog userId={chosen} onClose={() => change({ person: undefined })} />}
    </>
  );
}
