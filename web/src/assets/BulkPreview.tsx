/** What an order would change, counted, and the first assets by name. */
import { Stack, Table, Text, Title } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { ValueChangesOut } from "@/api/schema";
import { count, counted } from "@/ui/numbers";
import { spokenValue, titleOf } from "./fields";
import { NotKnown } from "./parts";

export function BulkPreview({ changes }: { changes: ValueChangesOut }) {
  const { changes: kinds, changes_left_out: leftOut, sample } = changes;
  if (kinds.length === 0) {
    return (
      <Text role="status">
        {counted(changes.count, "asset")} would be set, and every one has these values already. Nothing would change.
      </Text>
    );
  }
  return (
    <Stack gap="md">
      <Text role="status">{counted(changes.count, "asset")} would be set. This is what becomes another value:</Text>
      <Table.ScrollContainer minWidth={440}>
        <Table aria-label="What changes">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Field</Table.Th>
              <Table.Th scope="col">Before → after</Table.Th>
              <Table.Th scope="col" ta="right">
                Assets
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {kinds.map((kind) => (
              <Table.Tr key={`${kind.field} ${kind.before} ${kind.after}`}>
                <Table.Th scope="row">{titleOf(kind.field)}</Table.Th>
                <Table.Td>
                  <Change {...kind} />
                </Table.Td>
                <Table.Td className="mf-number">{count(kind.count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {leftOut > 0 && <Text c="dimmed">And {counted(leftOut, "other kind")} of change.</Text>}
      <Title order={3} size="h4">
        For example
      </Title>
      <Table.ScrollContainer minWidth={440}>
        <Table aria-label="The first assets that change">
          <Table.Tbody>
            {sample.map((one) => (
              <Table.Tr key={`${one.id} ${one.field}`}>
                <Table.Th scope="row">{one.name}</Table.Th>
                <Table.Td>{titleOf(one.field)}</Table.Td>
                <Table.Td>
                  <Change {...one} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Change({ field, before, after }: { field: string; before: string | null; after: string | null }) {
  return (
    <>
      {before === null ? <NotKnown /> : spokenValue(field, before)}{" "}
      <IconArrowRight size={13} role="img" aria-label="becomes" />{" "}
      <Text component="span" inherit fw={600}>
        {after === null ? "Not known" : spokenValue(field, after)}
      </Text>
    </>
  );
}
