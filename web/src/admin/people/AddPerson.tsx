/** A person gets a first role in the engagement. */
import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { $api } from "@/api/client";
import type { Role, UserOut } from "@/api/schema";
import { useMay } from "@/session/me";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { roleName } from "../parts/roles";
import { useRoles } from "../parts/WhoMay";

export function AddPerson({ onClose, onAdded }: { onClose(): void; onAdded(user: UserOut): void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const roles = useRoles();
  const mayManageClient = useMay("client.manage");
  const done = useDone();
  const add = $api.useMutation("post", "/api/v1/users", {
    onSuccess: (user) => {
      done(`${user.name} is a member.`, "users");
      onClose();
      onAdded(user);
    },
  });
  const offered = (roles?.roles ?? []).filter(
    (one) => one.role !== "platform_operator" && (!one.whole_client || mayManageClient),
  );
  return (
    <CommandDialog
      title="Add a person"
      says="The person can sign in as soon as a client admin has made a sign-in link, or through your identity provider."
      button="Add"
      isReady={email.trim() !== "" && name.trim() !== ""}
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.mutate({ body: { email: email.trim(), name: name.trim(), role } })}
      onClose={onClose}
    >
      <TextInput
        label="Address"
        type="email"
        placeholder="ana@example.com"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        maxLength={255}
        required
        data-autofocus
      />
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
      />
      <Select
        label="First role"
        description={offered.find((one) => one.role === role)?.description}
        data={offered.map((one) => ({ value: one.role, label: roleName(one.role) }))}
        value={role}
        onChange={(value) => {
          const found = offered.find((one) => one.role === value);
          if (found) setRole(found.role);
        }}
        allowDeselect={false}
      />
    </CommandDialog>
  );
}
