/** Fields that hold fields: objects, tuples, names with values, and one of several forms. */
import { ActionIcon, Autocomplete, Button, Group, Input, Select, Stack, Switch, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { type ControlProps, SchemaField } from "./SchemaField";
import { ObjectFields } from "./SchemaForm";
import classes from "./SchemaForm.module.css";
import { useOptions } from "./SchemaOptions";
import { fieldOf, isRecord, itemsOf, labelOf, type Options, offering, optionsOf, resolve, type Schema } from "./schema";
import { blank, filled } from "./schemaValues";

export function NestedField({ field, root, at, wrongs, common, value, onChange }: ControlProps) {
  const isOptional = field.isNullable && !isRecord(value);
  return (
    <fieldset className={classes.group} data-place={common["data-place"]}>
      <legend>{common.label}</legend>
      {common.description && (
        <Text size="sm" c="dimmed" mb="sm">
          {common.description}
        </Text>
      )}
      {common.error && <Input.Error mb="sm">{common.error}</Input.Error>}
      {field.isNullable && (
        <Switch
          label={`Give ${String(common.label).toLowerCase()}`}
          checked={!isOptional}
          onChange={(event) => onChange(event.currentTarget.checked ? filled(field.schema, root, {}) : null)}
          mb={isOptional ? 0 : "sm"}
        />
      )}
      {!isOptional && (
        <ObjectFields
          schema={field.schema}
          root={root}
          at={at}
          wrongs={wrongs}
          value={isRecord(value) ? value : {}}
          onChange={onChange}
        />
      )}
    </fieldset>
  );
}

const PLACES = ["First", "Second", "Third", "Fourth"];

export function TupleField({ field, name, root, at, wrongs, common, value, onChange }: ControlProps) {
  const entries = Array.isArray(value) ? value : [];
  const items = (field.schema.prefixItems ?? []).map((item) => offering(field.schema, item));
  return (
    <fieldset className={classes.group} data-place={common["data-place"]}>
      <legend>{common.label}</legend>
      {common.description && (
        <Text size="sm" c="dimmed" mb="sm">
          {common.description}
        </Text>
      )}
      {common.error && <Input.Error mb="sm">{common.error}</Input.Error>}
      <div className={classes.fields}>
        {items.map((item, index) => (
          <SchemaField
            // biome-ignore lint/suspicious/noArrayIndexKey: the places of a tuple are its names
            key={index}
            name={name}
            label={item.title ? labelOf("", item) : (PLACES[index] ?? `Place ${index + 1}`)}
            schema={item}
            root={root}
            at={`${at}.${index}`}
            wrongs={wrongs}
            isRequired
            value={entries[index]}
            onChange={(changed) => onChange(items.map((_, at) => (at === index ? changed : entries[at])))}
          />
        ))}
      </div>
    </fieldset>
  );
}

export function MapField({ field, root, at, wrongs, common, value, onChange }: ControlProps) {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const [typed, setTyped] = useState("");
  const schema: Schema = isRecord(field.schema.additionalProperties) ? field.schema.additionalProperties : {};
  const name = typed.trim();
  const isTaken = entries.some(([known]) => known === name);
  const add = () => {
    if (name === "" || isTaken) return;
    onChange({ ...Object.fromEntries(entries), [name]: blank(schema, root) });
    setTyped("");
  };
  return (
    <fieldset className={classes.group} data-place={common["data-place"]}>
      <legend>{common.label}</legend>
      {common.description && (
        <Text size="sm" c="dimmed" mb="sm">
          {common.description}
        </Text>
      )}
      {common.error && <Input.Error mb="sm">{common.error}</Input.Error>}
      <Stack gap="sm">
        {entries.map(([key, one]) => (
          <div key={key} className={classes.row}>
            <SchemaField
              name={key}
              label={key}
              schema={schema}
              root={root}
              at={`${at}.${key}`}
              wrongs={wrongs}
              isRequired
              value={one}
              onChange={(changed) => onChange({ ...Object.fromEntries(entries), [key]: changed })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={24}
              aria-label={`Take out ${key}`}
              onClick={() => onChange(Object.fromEntries(entries.filter(([known]) => known !== key)))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Group gap="sm" align="flex-end">
          <NameBox options={optionsOf(field.schema)} typed={typed} onType={setTyped} onAdd={add} isTaken={isTaken} />
          <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={add} disabled={!name}>
            Add
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}

interface NameBoxProps {
  options: Options | undefined;
  typed: string;
  onType(text: string): void;
  onAdd(): void;
  isTaken: boolean;
}

/** What the next entry is called: free, or offered where the schema says what to choose from. */
function NameBox({ options, typed, onType, onAdd, isTaken }: NameBoxProps) {
  const listed = useOptions(options);
  return (
    <Autocomplete
      label="Name"
      data={listed.options.map((one) => one.value)}
      limit={50}
      value={typed}
      onChange={onType}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          onAdd();
        }
      }}
      error={isTaken ? "It is there already." : undefined}
    />
  );
}

export function VariantsField(props: ControlProps) {
  const { field, root, common, value, onChange } = props;
  const index = field.variants.findIndex((one) => takes(one, root, value));
  const chosen = field.variants[index];
  return (
    <Stack gap="sm">
      <Select
        {...common}
        data={field.variants.map((one, place) => ({ value: String(place), label: variantName(one, root, place) }))}
        value={index < 0 ? null : String(index)}
        onChange={(now) => {
          const next = now === null ? undefined : field.variants[Number(now)];
          onChange(next ? (blank(next, root) ?? startOf(next, root)) : field.isNullable ? null : undefined);
        }}
        clearable={field.isNullable}
        placeholder="Choose what it is"
      />
      {chosen && fieldOf(chosen, root).kind !== "fixed" && (
        <SchemaField {...props} schema={chosen} label={variantName(chosen, root, index)} />
      )}
    </Stack>
  );
}

function variantName(schema: Schema, root: Schema, index: number): string {
  const resolved = resolve(schema, root);
  const type = Array.isArray(resolved.type) ? resolved.type[0] : resolved.type;
  const words: Record<string, string> = {
    string: "Text",
    integer: "Whole number",
    number: "Number",
    boolean: "Yes or no",
    array: itemsOf(resolved)?.title ?? "List",
    object: "Several values",
  };
  return resolved.title ?? words[type ?? ""] ?? `Form ${index + 1}`;
}

/** Whether a value has the form of a schema, as far as choosing between forms needs it. */
export function takes(schema: Schema, root: Schema, value: unknown): boolean {
  const { kind, schema: inner } = fieldOf(schema, root);
  switch (kind) {
    case "number":
      return typeof value === "number";
    case "switch":
      return typeof value === "boolean";
    case "list":
    case "tags":
    case "choices":
    case "tuple":
      return Array.isArray(value);
    case "object":
      return isRecord(value) && fixedParts(inner, root).every(([name, known]) => value[name] === known);
    case "map":
      return isRecord(value);
    case "fixed":
      return value === inner.const;
    default:
      return typeof value === "string";
  }
}

function fixedParts(schema: Schema, root: Schema): [string, unknown][] {
  return Object.entries(schema.properties ?? {})
    .map(([name, property]): [string, unknown] => [name, resolve(property, root).const])
    .filter(([, known]) => known !== undefined);
}

function startOf(schema: Schema, root: Schema): unknown {
  return fieldOf(schema, root).kind === "number" ? (resolve(schema, root).minimum ?? 0) : "";
}
