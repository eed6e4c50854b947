/** Several of the same kind, each with its own controls. */
import { ActionIcon, Button, Group, Input, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef } from "react";
import { type ControlProps, SchemaField } from "./SchemaField";
import classes from "./SchemaForm.module.css";
import { fieldOf, itemsOf, labelOf } from "./schema";
import { blank } from "./schemaValues";

/** Keys that stay with entries while others are taken out. */
function useKeys(length: number) {
  const keys = useRef<number[]>([]);
  const next = useRef(0);
  while (keys.current.length < length) keys.current.push(next.current++);
  keys.current.length = length;
  return {
    at: (index: number) => keys.current[index] ?? index,
    drop: (index: number) => keys.current.splice(index, 1),
  };
}

export function ListField({ field, name, root, at, wrongs, common, value, onChange }: ControlProps) {
  const entries = Array.isArray(value) ? value : [];
  const items = itemsOf(field.schema) ?? {};
  const item = fieldOf(items, root);
  const keys = useKeys(entries.length);
  const label = labelOf(name, field.schema);
  const one = singular(label) === label ? null : singular(label);
  const entryOf = (index: number) => `${one ?? "Entry"} ${index + 1}`;
  const isFull = field.schema.maxItems !== undefined && entries.length >= field.schema.maxItems;
  return (
    <fieldset className={classes.group} data-place={common["data-place"]}>
      <legend>{common.label}</legend>
      {common.description && (
        <Text size="sm" c="dimmed" mb="sm">
          {common.description}
        </Text>
      )}
      {common.error && (
        <Input.Error mb="sm" role="alert">
          {common.error}
        </Input.Error>
      )}
      <Stack gap="sm">
        {entries.map((entry: unknown, index) => (
          <div key={keys.at(index)} className={classes.row}>
            <SchemaField
              name={name}
              label={entryOf(index)}
              schema={items}
              root={root}
              at={`${at}.${index}`}
              wrongs={wrongs}
              isRequired
              value={entry}
              onChange={(changed) => onChange(entries.map((known, place) => (place === index ? changed : known)))}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={item.kind === "object" ? 12 : 24}
              aria-label={`Take out ${entryOf(index).toLowerCase()} of ${label.toLowerCase()}`}
              onClick={() => {
                keys.drop(index);
                onChange(entries.filter((_, place) => place !== index));
              }}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Group>
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={isFull}
            aria-label={one ? undefined : `Add to ${label.toLowerCase()}`}
            onClick={() => onChange([...entries, blank(items, root)])}
          >
            {one ? `Add ${one.toLowerCase()}` : "Add"}
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}

/** "Freezes" as what one of them is called. */
function singular(label: string): string {
  if (/(ss|us|is)$/i.test(label)) return label;
  if (/ies$/i.test(label)) return `${label.slice(0, -3)}y`;
  return label.replace(/s$/i, "");
}
