/** The one table of roles and what each may do. */
import { Skeleton, Text, Tooltip } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { Role } from "@/api/schema";
import { Section } from "@/ui/Page";
import parts from "../parts/parts.module.css";
import { roleName } from "../parts/roles";
import { useRoles } from "../parts/WhoMay";

export function RolesTable({ mine }: { mine: readonly Role[] }) {
  const table = useRoles();
  return (
    <Section
      title="What each role may do"
      aside={<Text size="sm" c="dimmed">{`You are: ${mine.map(roleName).join(", ")}`}</Text>}
      flush
    >
      {!table && <Skeleton height={200} m="md" w="auto" />}
      {table && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <section className={parts.matrix} aria-label="Roles and operations" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Operation</th>
                {table.roles.map((role) => (
                  <th key={role.role} scope="col">
                    <Tooltip label={role.description} multiline maw={260}>
                      <span>{roleName(role.role)}</span>
                    </Tooltip>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.operations.map((operation) => (
                <tr key={operation.operation}>
                  <th scope="row">
                    {operation.description}
                    {operation.people_alone && (
                      <Text span c="dimmed" size="xs">
                        {" "}
                        (people alone)
                      </Text>
                    )}
                  </th>
                  {table.roles.map((role) => (
                    <td key={role.role}>
                      {operation.roles.includes(role.role) && <IconCheck size={16} role="img" aria-label="yes" />}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Section>
  );
}
