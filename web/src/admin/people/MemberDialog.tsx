/** One member: the roles they hold, and what a manager or a client admin may do about them. */

import { Alert, Button, Checkbox, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconLink, IconUserOff, IconUserPlus, IconUserX } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { Role, SignInLinkOut, UserOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { Dialog } from "@/ui/Dialog";
import { ProblemNote } from "@/ui/ProblemNote";
import { Stamp } from "@/ui/When";
import { useDone } from "../parts/done";
import parts from "../parts/parts.module.css";
import { roleName } from "../parts/roles";
import { Secret } from "../parts/Secret";
import { useRoles, WhoMay } from "../parts/WhoMay";
import { DisableMember, RemoveMember } from "./MemberQuestions";

type Asked = "remove" | "disable" | null;

export function MemberDialog({ userId, onClose }: { userId: string; onClose(): void }) {
  const found = $api.useQuery("get", "/api/v1/users/{user_id}", { params: { path: { user_id: userId } } });
  const [link, setLink] = useState<SignInLinkOut | null>(null);
  const [asked, setAsked] = useState<Asked>(null);
  const user = found.data;
  if (link) {
    return (
      <Secret
        title="Sign-in link"
        says={`Send it to ${link.email} on a way that only they read. It signs them in once, within 15 minutes.`}
        secret={`${location.origin}${link.path}`}
        onClose={() => setLink(null)}
      />
    );
  }
  if (user && asked === "remove") return <RemoveMember user={user} onClose={() => setAsked(null)} onDone={onClose} />;
  if (user && asked === "disable") return <DisableMember user={user} onClose={() => setAsked(null)} />;
  return (
    <Dialog onClose={onClose} title={user?.name ?? "Member"} size="lg">
      {found.error && <ProblemNote error={found.error} />}
      {!user && !found.error && <Skeleton height={240} />}
      {user && (
        <Stack gap="lg">
          <Facts user={user} />
          <RolesOf user={user} />
          <Commands user={user} onLink={setLink} onAsk={setAsked} />
        </Stack>
      )}
    </Dialog>
  );
}

function Facts({ user }: { user: UserOut }) {
  return (
    <dl className={parts.pairs}>
      <dt>Address</dt>
      <dd>{user.email}</dd>
      <dt>Known since</dt>
      <dd>
        <Stamp at={user.created_at} />
      </dd>
      {user.disabled_at && (
        <>
          <dt>Disabled since</dt>
          <dd>
            <Stamp at={user.disabled_at} />
          </dd>
        </>
      )}
    </dl>
  );
}

export function RolesOf({ user }: { user: UserOut }) {
  const table = useRoles();
  const done = useDone();
  const mayManage = useMay("members.manage");
  const mayManageClient = useMay("client.manage");
  const give = $api.useMutation("post", "/api/v1/users/{user_id}/roles", {
    onSuccess: (_, { body }) =>
      done(`${user.name} is ${roleName(body.role).toLowerCase()} now.`, "users", "service-acc"),
  });
  const take = $api.useMutation("delete", "/api/v1/users/{user_id}/roles/{role}", {
    onSuccess: (_, { params }) =>
      done(`${user.name} is ${roleName(params.path.role).toLowerCase()} no more.`, "users", "service-acc"),
  });
  const params = { path: { user_id: user.id } };
  const toggle = (role: Role, isGiven: boolean) => {
    give.reset();
    take.reset();
    if (isGiven) give.mutate({ params, body: { role } });
    else take.mutate({ params: { path: { ...params.path, role } } });
  };
  const offered = (table?.roles ?? []).filter(
    ({ role, for_services }) => role !== "platform_operator" && (user.kind === "person" || for_services),
  );
  const error = give.error ?? take.error;
  return (
    <Stack gap="sm">
      <Text fw={600} size="md">
        Roles in this engagement
      </Text>
      {offered.map(({ role, description, whole_client }) => (
        <Checkbox
          key={role}
          label={whole_client ? `${roleName(role)} (of the whole client)` : roleName(role)}
          description={description}
          checked={user.roles.includes(role)}
          disabled={!mayManage || (whole_client && !mayManageClient) || give.isPending || take.isPending}
          onChange={(event) => toggle(role, event.currentTarget.checked)}
        />
      ))}
      {error && <ProblemNote error={error} />}
      {!mayManage && <WhoMay to="members.manage">give and take roles.</WhoMay>}
    </Stack>
  );
}

interface CommandsProps {
  user: UserOut;
  onLink(link: SignInLinkOut): void;
  onAsk(asked: Asked): void;
}

function Commands({ user, onLink, onAsk }: CommandsProps) {
  const me = useMe();
  const done = useDone();
  const mayManage = useMay("members.manage");
  const mayManageClient = useMay("client.manage");
  const params = { params: { path: { user_id: user.id } } };
  const link = $api.useMutation("post", "/api/v1/users/{user_id}/sign-in-links", { onSuccess: onLink });
  const enable = $api.useMutation("post", "/api/v1/users/{user_id}/enable", {
    onSuccess: () => done(`${user.name} can act again.`, "users", "service-acc"),
  });
  const error = link.error ?? enable.error;
  const isMe = me.user_id === user.id;
  return (
    <Stack gap="sm">
      {error && <ProblemNote error={error} />}
      {isMe && <Alert variant="light">This is you.</Alert>}
      <Group gap="sm">
        {mayManageClient && user.kind === "person" && !user.disabled_at && (
          <Button
            variant="default"
            leftSection={<IconLink size={16} aria-hidden />}
            loading={link.isPending}
            onClick={() => link.mutate(params)}
          >
            Make a sign-in link
          </Button>
        )}
        {mayManageClient && user.disabled_at && (
          <Button
            variant="default"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            loading={enable.isPending}
            onClick={() => enable.mutate(params)}
          >
            Enable
          </Button>
        )}
        {mayManageClient && !user.disabled_at && !isMe && (
          <Button
            variant="default"
            color="red"
            leftSection={<IconUserOff size={16} aria-hidden />}
            onClick={() => onAsk("disable")}
          >
            Disable
          </Button>
        )}
        {mayManage && !isMe && user.roles.length > 0 && (
          <Button variant="default" leftSection={<IconUserX size={16} aria-hidden />} onClick={() => onAsk("remove")}>
            Remove from the engagement
          </Button>
        )}
      </Group>
      {!mayManageClient && <WhoMay to="client.manage">make sign-in links and disable people.</WhoMay>}
    </Stack>
  );
}
