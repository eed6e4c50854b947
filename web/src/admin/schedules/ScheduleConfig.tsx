/** What a scheduled flow is told: a form made of the schema of its type. */
import { Button, Group, Stack } from "@mantine/core";
import type { FormEvent } from "react";
import type { FlowTypeOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SchemaForm } from "@/ui/SchemaForm";
import { useSchemaForm } from "@/ui/useSchemaForm";

const WITHIN = ["config"];

export interface ScheduleConfigProps {
  type: FlowTypeOut;
  given: Record<string, unknown> | undefined;
  button: string;
  isReady: boolean;
  isPending: boolean;
  error: unknown;
  /** `refuse` marks the fields that the server names. */
  onSubmit(config: Record<string, unknown>, refuse: (error: unknown) => void): void;
  onBack(): void;
}

export function ScheduleConfig(props: ScheduleConfigProps) {
  const { type, given, button, isReady, isPending, error, onSubmit, onBack } = props;
  const form = useSchemaForm(type.config, given, WITHIN);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const config = form.checked();
    if (config) onSubmit(config, form.refuse);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Section title={`What each ${type.title.toLowerCase()} is told`}>
          <SchemaForm {...form.props} />
        </Section>
        {Boolean(error) && <ProblemNote error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack}>
            Leave it
          </Button>
          <Button type="submit" loading={isPending} disabled={!isReady}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
