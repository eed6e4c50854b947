/** All keys and what they do. */
import { Group, Kbd, SimpleGrid, Text } from "@mantine/core";
import { Dialog } from "@/ui/Dialog";
import type { Place } from "./navigation";

export function KeysDialog({ places, onClose }: { places: readonly Place[]; onClose(): void }) {
  return (
    <Dialog onClose={onClose} title="Keys">
      <SimpleGrid cols={2} spacing="sm">
        {places.map((place) => (
          <Group key={place.key} justify="space-between">
            <Text>{place.label}</Text>
            <span>
              <Kbd>g</Kbd> <Kbd>{place.key}</Kbd>
            </span>
          </Group>
        ))}
        <Group justify="space-between">
          <Text>Search</Text>
          <Kbd>/</Kbd>
        </Group>
        <Group justify="space-between">
          <Text>Next, former row</Text>
          <span>
            <Kbd>↓</Kbd> <Kbd>↑</Kbd>
          </span>
        </Group>
        <Group justify="space-between">
          <Text>Open a row</Text>
          <Kbd>Enter</Kbd>
        </Group>
        <Group justify="space-between">
          <Text>These keys</Text>
          <Kbd>?</Kbd>
        </Group>
      </SimpleGrid>
    </Dialog>
  );
}
