/** Roles in words. */
import type { Operation, Role, RolesOut } from "@/api/schema";
import { spoken } from "@/ui/words";

const NAMES: Partial<Record<Role, string>> = { finops: "FinOps" };

export function roleName(role: Role): string {
  return NAMES[role] ?? spoken(role);
}

/** "A client admin", "A lead or a client admin", "Any member". */
export function allowedRoles({ roles, operations }: RolesOut, to: Operation): string {
  const allowed = operations.find((one) => one.operation === to)?.roles ?? [];
  if (allowed.length >= roles.length - 1) return "Any member";
  const named = allowed.map((role) => `${/^[aeiou]/i.test(roleName(role)) ? "an" : "a"} ${nameWithin(role)}`);
  const last = named.pop();
  const said = named.length > 0 ? `${named.join(", ")} or ${last}` : (last ?? "nobody");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function nameWithin(role: Role): string {
  return NAMES[role] ?? role.replaceAll("_", " ");
}
