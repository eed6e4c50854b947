/** What a new flow is told: its name, the flow whose results it reads, and its configuration. */
import { Button, Group, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { $api } from "@/api/client";
import type { FlowTypeOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SchemaForm } from "@/ui/SchemaForm";
import { useSchemaForm } from "@/ui/useSchemaForm";
import { nameOf } from "./naming";
import { useFlowTypes } from "./useFlowTypes";

export interface NewFlowFormProps {
  type: FlowTypeOut;
  parent?: string;
  onBack(): void;
  onCreated(flowId: string): void;
}

const WITHIN = ["config"];

export function NewFlowForm({ type, parent, onBack, onCreated }: NewFlowFormProps) {
  const client = useQueryClient();
  const form = useSchemaForm(type.config, undefined, WITHIN);
  const [name, setName] = useState("");
  const [parentId, setParentId] = useState<string | null>(parent ?? null);
  const [isStarted, setStarted] = useState(true);
  const create = $api.useMutation("post", "/api/v1/flows", {
    onSuccess: (flow) => {
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows"] });
      onCreated(flow.flow_id);
    },
    onError: form.refuse,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const config = form.checked();
    if (!config) return;
    create.mutate({
      body: {
        flow_type: type.name,
        config,
        flow_name: name.trim() || null,
        start: isStarted,
        parent_flow_id: parentId,
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Section title="The flow">
          <Stack gap="md">
            <TextInput
              label="Name"
              description="What it is called in lists; without one, after its type and its day"
              value={name}
              maxLength={200}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <ParentSelect value={parentId} onChange={setParentId} />
          </Stack>
        </Section>
        <Section title="Its input">
          <SchemaForm {...form.props} />
        </Section>
        {create.error && <ProblemNote error={create.error} />}
        <Group justify="space-between">
          <Button variant="default" onClick={onBack}>
            Another type
          </Button>
          <Group gap="lg">
            <Switch
              label="Start at once"
              checked={isStarted}
              onChange={(event) => setStarted(event.currentTarget.checked)}
            />
            <Button type="submit" loading={create.isPending}>
              {isStarted ? "Create and start" : "Create"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

const MOST = 100;

function ParentSelect({ value, onChange }: { value: string | null; onChange(value: string | null): void }) {
  const types = useFlowTypes();
  const { data } = $api.useQuery("get", "/api/v1/flows", {
    params: { query: { status: ["completed"], limit: MOST } },
  });
  const flows = data?.items ?? [];
  const options = flows.map((flow) => ({ value: flow.flow_id, label: nameOf(flow, types) }));
  if (value && !flows.some((flow) => flow.flow_id === value)) options.unshift({ value, label: value });
  if (options.length === 0) return null;
  return (
    <Select
      label="Reads the results of"
      description="A completed flow that this one goes on from; without one, it reads what the engagement has published"
      data={options}
      value={value}
      onChange={onChange}
      placeholder="No flow in particular"
      searchable
      clearable
    />
  );
}
