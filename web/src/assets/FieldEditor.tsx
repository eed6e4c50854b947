/** One field of a bulk edit: left alone, set, or given back to the sources. */
import { NativeSelect, SimpleGrid, Text, TextInput } from "@mantine/core";
import type { Criticality, Environment, SettableField } from "@/api/schema";
import { spoken } from "@/ui/words";
import type { FieldEdit, Step } from "./bulk";
import { titleOf } from "./fields";

const ENVIRONMENTS: Environment[] = ["production", "staging", "test", "development", "disaster_recovery"];
const CRITICALITIES: Criticality[] = ["low", "medium", "high", "critical"];
const CHOICES: Partial<Record<SettableField, string[]>> = { environment: ENVIRONMENTS, criticality: CRITICALITIES };
const STEPS: { value: Step; label: string }[] = [
  { value: "leave", label: "Leave as it is" },
  { value: "set", label: "Set to" },
  { value: "withdraw", label: "Take back what people set" },
];
const LONGEST_VALUE = 200;

export interface FieldEditorProps {
  field: SettableField;
  edit: FieldEdit;
  onChange(edit: FieldEdit): void;
}

export function FieldEditor({ field, edit, onChange }: FieldEditorProps) {
  const title = titleOf(field);
  const choices = CHOICES[field];
  const begin = (step: Step) => onChange({ step, value: edit.value || (choices?.[0] ?? "") });
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing={4}>
      <NativeSelect
        label={title}
        data={STEPS}
        value={edit.step}
        onChange={(event) => begin(event.currentTarget.value as Step)}
      />
      {edit.step === "set" &&
        (choices ? (
          <NativeSelect
            label={`New ${title.toLowerCase()}`}
            data={choices.map((value) => ({ value, label: spoken(value) }))}
            value={edit.value}
            onChange={(event) => onChange({ step: "set", value: event.currentTarget.value })}
          />
        ) : (
          <TextInput
            label={`New ${title.toLowerCase()}`}
            value={edit.value}
            maxLength={LONGEST_VALUE}
            onChange={(event) => onChange({ step: "set", value: event.currentTarget.value })}
          />
        ))}
      {edit.step === "withdraw" && (
        <Text size="sm" c="dimmed" mt={{ base: 0, xs: 30 }}>
          The sources hold again.
        </Text>
      )}
    </SimpleGrid>
  );
}
