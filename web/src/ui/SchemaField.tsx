/** One field of a form made of a schema. */
import { Code, JsonInput, NumberInput, Select, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { PartProps } from "./SchemaForm";
import classes from "./SchemaForm.module.css";
import { ListField } from "./SchemaList";
import { MapField, NestedField, TupleField, VariantsField } from "./SchemaNested";
import { SchemaOptions } from "./SchemaOptions";
import { choicesOf, type Field, fieldOf, itemsOf, labelOf, limitsOf, optionsOf, resolve } from "./schema";
import { unitOf } from "./schemaLayout";
import { localTime } from "./time";

export interface FieldProps extends PartProps {
  name: string;
  /** In place of the name that the schema gives. */
  label?: string;
  isRequired: boolean;
  value: unknown;
  onChange(value: unknown): void;
}

/** What each control of a form is given. */
export interface ControlProps extends FieldProps {
  field: Field;
  common: {
    label: ReactNode;
    description: ReactNode;
    error: string | undefined;
    required: boolean;
    "data-place": string;
  };
}

export function SchemaField(props: FieldProps) {
  const field = fieldOf(props.schema, props.root);
  const limits = limitsOf(field.schema);
  const description = field.schema.description ?? null;
  const control: ControlProps = {
    ...props,
    field,
    common: {
      label: props.label ?? labelOf(props.name, field.schema),
      description: limits ? `${description ?? ""}${description ? " · " : ""}${limits}` : description,
      error: props.wrongs[props.at],
      required: props.isRequired,
      "data-place": props.at,
    },
  };
  return <Control {...control} />;
}

function Control(props: ControlProps) {
  const { field } = props;
  switch (field.kind) {
    case "text":
      return optionsOf(field.schema) ? <SchemaOptions {...props} /> : <TextField {...props} />;
    case "number":
      return <NumberField {...props} />;
    case "switch":
      return field.isNullable ? <ChoiceField {...props} /> : <SwitchField {...props} />;
    case "choice":
      return <ChoiceField {...props} />;
    case "date":
    case "moment":
      return <DayField {...props} />;
    case "choices":
      return <SchemaOptions {...props} />;
    case "tags":
      return <TagsField {...props} />;
    case "list":
      return <ListField {...props} />;
    case "tuple":
      return <TupleField {...props} />;
    case "object":
      return <NestedField {...props} />;
    case "map":
      return <MapField {...props} />;
    case "variants":
      return <VariantsField {...props} />;
    case "fixed":
      return <FixedField {...props} />;
    case "json":
      return <JsonField {...props} />;
  }
}

const LONG = 240;

function TextField({ field, common, value, onChange }: ControlProps) {
  const text = typeof value === "string" ? value : "";
  const nothing = field.isNullable ? null : undefined;
  const tell = (typed: string) => onChange(typed === "" ? nothing : typed);
  if ((field.schema.maxLength ?? 0) > LONG || field.schema.format === "textarea") {
    return (
      <Textarea {...common} value={text} onChange={(event) => tell(event.currentTarget.value)} autosize minRows={2} />
    );
  }
  const type = { email: "email", uri: "url", time: "time", password: "password" }[field.schema.format ?? ""];
  return <TextInput {...common} type={type} value={text} onChange={(event) => tell(event.currentTarget.value)} />;
}

function NumberField({ field, common, value, onChange }: ControlProps) {
  const unit = unitOf(field.schema);
  const isWhole = field.schema.type === "integer";
  return (
    <NumberInput
      {...common}
      value={typeof value === "number" ? value : ""}
      onChange={(typed) => onChange(typed === "" ? (field.isNullable ? null : undefined) : Number(typed))}
      allowDecimal={!isWhole}
      step={field.schema.multipleOf ?? (isWhole ? 1 : 0.1)}
      thousandSeparator=","
      rightSection={
        unit && (
          <Text size="sm" c="dimmed" className={classes.unit} aria-hidden>
            {unit}
          </Text>
        )
      }
      rightSectionWidth={unit ? `${unit.length * 0.5 + 1.25}rem` : undefined}
    />
  );
}

function SwitchField({ common, value, onChange }: ControlProps) {
  const { required: _required, ...shown } = common;
  return <Switch {...shown} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

const YES_NO = [
  { value: true, label: "Yes" },
  { value: false, label: "No" },
];

function ChoiceField({ field, common, value, onChange }: ControlProps) {
  const choices = field.kind === "switch" ? YES_NO : (choicesOf(field.schema) ?? []);
  return (
    <Select
      {...common}
      data={choices.map((one) => ({ value: JSON.stringify(one.value), label: one.label }))}
      value={value === undefined || value === null ? null : JSON.stringify(value)}
      onChange={(chosen) => onChange(chosen === null ? (field.isNullable ? null : undefined) : JSON.parse(chosen))}
      clearable={field.isNullable}
      allowDeselect={!common.required}
      placeholder="Not said"
      withCheckIcon={false}
    />
  );
}

function DayField({ field, common, value, onChange }: ControlProps) {
  const nothing = field.isNullable ? null : undefined;
  const isMoment = field.kind === "moment";
  const text = typeof value === "string" ? value : "";
  return (
    <TextInput
      {...common}
      type={isMoment ? "datetime-local" : "date"}
      value={isMoment ? localTime(text) : text}
      onChange={({ currentTarget: { value: typed } }) =>
        onChange(typed === "" ? nothing : isMoment ? new Date(typed).toISOString() : typed)
      }
    />
  );
}

function TagsField({ field, common, value, onChange, root }: ControlProps) {
  const items = itemsOf(field.schema);
  return (
    <TagsInput
      {...common}
      value={Array.isArray(value) ? value.map(String) : []}
      onChange={onChange}
      placeholder={items && resolve(items, root).format === "uuid" ? "Paste an id, then Enter" : "Type, then Enter"}
      clearable
    />
  );
}

function FixedField({ field, common }: ControlProps) {
  return (
    <Text size="md">
      {common.label}: <Code>{String(field.schema.const)}</Code>
    </Text>
  );
}

/** The last resort, for what a schema does not say. */
function JsonField({ common, value, onChange, field }: ControlProps) {
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value, null, 2);
  return (
    <JsonInput
      {...common}
      description={common.description ?? "The schema does not say what belongs here: write it as JSON."}
      defaultValue={text}
      onChange={(typed) => onChange(parsed(typed, field.isNullable))}
      validationError="This is no JSON."
      formatOnBlur
      autosize
      minRows={3}
    />
  );
}

function parsed(text: string, isNullable: boolean): unknown {
  if (text.trim() === "") return isNullable ? null : undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
