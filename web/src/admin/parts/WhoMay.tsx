/** Who may do what the reader may not. */
import { Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { $api } from "@/api/client";
import type { Operation, RolesOut } from "@/api/schema";
import { Empty } from "@/ui/Empty";
import { allowedRoles } from "./roles";

export function useRoles(): RolesOut | undefined {
  return $api.useQuery("get", "/api/v1/roles", {}, { staleTime: Number.POSITIVE_INFINITY }).data;
}

/** "A lead or a client admin may …" */
export function WhoMay({ to, children }: { to: Operation; children: ReactNode }) {
  const roles = useRoles();
  return (
    <Text size="md" c="dimmed">
      {roles ? `${allowedRoles(roles, to)} may ` : "Others may "}
      {children}
    </Text>
  );
}

export function NotForReader({ to }: { to: Operation }) {
  const roles = useRoles();
  const said = roles?.operations.find((one) => one.operation === to)?.description;
  return (
    <Empty icon={IconLock} title="This part is not open to you">
      {roles &&
        `${allowedRoles(roles, to)} may: ${said?.toLowerCase()}. Ask one of them for the role if your work needs it.`}
    </Empty>
  );
}
