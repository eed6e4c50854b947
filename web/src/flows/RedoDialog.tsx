/** Run a flow again from a phase, with edited input: first what that uses again and what runs anew. */
import { Button, Group, Select, SimpleGrid, Skeleton, Stack, Switch, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconRefresh } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { $api } from "@/api/client";
import type { FlowOut, FlowTypeOut } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";
import { ProblemNote } from "@/ui/ProblemNote";
import { SchemaForm } from "@/ui/SchemaForm";
import { one, usePageSearch } from "@/ui/search";
import { useSchemaForm } from "@/ui/useSchemaForm";
import { ReasonBox } from "./CommandDialog";
import { editsOf, reachedPhases } from "./commands";
import { phaseTitle } from "./naming";
import { useCommand } from "./useCommand";

export interface RedoDialogProps {
  flow: FlowOut;
  type: FlowTypeOut | undefined;
  command: "retry" | "rollback";
  isEditing?: boolean;
  onClose(): void;
}

const WITHIN = ["config"];

export function RedoDialog({ flow, type, command, isEditing: isEditingFirst = false, onClose }: RedoDialogProps) {
  const phases = reachedPhases(flow, type);
  const [search] = usePageSearch();
  const looked = phases.find((known) => known.name === one(search, "phase"));
  const [phase, setPhase] = useState<string | null>(flow.current_phase ?? (looked ?? phases[0])?.name ?? null);
  const [isEditing, setEditing] = useState(isEditingFirst);
  const [reason, setReason] = useState("");
  const form = useSchemaForm(type?.config, flow.config, WITHIN);
  const order = useCommand(flow, onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const config = isEditing ? form.checked() : {};
    if (!config || !phase) return;
    order.mutate(
      { command, phase, config: isEditing ? editsOf(flow.config, config) : {}, reason: reason.trim() || null },
      { onError: form.refuse },
    );
  };
  return (
    <Dialog
      onClose={onClose}
      size={isEditing ? "xl" : "lg"}
      title={command === "retry" ? "Run the flow again" : "Roll the flow back"}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Select
            label="From the phase"
            data={phases.map((known) => ({ value: known.name, label: known.title }))}
            value={phase}
            onChange={setPhase}
            allowDeselect={false}
            data-autofocus
          />
          {phase && <RedoPreview flow={flow} type={type} phase={phase} />}
          {type && (
            <Switch
              label="Edit the input first"
              checked={isEditing}
              onChange={(event) => setEditing(event.currentTarget.checked)}
            />
          )}
          {isEditing && <SchemaForm {...form.props} />}
          <ReasonBox reason={reason} onChange={setReason} isNeeded={false} />
          {order.error && <ProblemNote error={order.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={order.isPending} disabled={!phase}>
              {command === "retry" ? "Run again" : "Roll back and run"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function RedoPreview({ flow, type, phase }: { flow: FlowOut; type: FlowTypeOut | undefined; phase: string }) {
  const { data, error } = $api.useQuery("get", "/api/v1/flows/{flow_id}/redo", {
    params: { path: { flow_id: flow.flow_id }, query: { phase } },
  });
  if (error) return <ProblemNote error={error} />;
  if (!data) return <Skeleton height={80} aria-label="Loading what runs again" />;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} aria-live="polite">
      <Names title="Used again" names={data.reused} type={type} icon="reused" />
      <Names title="Runs again" names={data.runs_again} type={type} icon="again" />
    </SimpleGrid>
  );
}

function Names({
  title,
  names,
  type,
  icon,
}: {
  title: string;
  names: string[];
  type: FlowTypeOut | undefined;
  icon: "reused" | "again";
}) {
  const Icon = icon === "reused" ? IconCheck : IconRefresh;
  return (
    <div>
      <Text size="sm" fw={600} mb="xs">
        {title}
      </Text>
      {names.length === 0 && (
        <Text size="sm" c="dimmed">
          nothing
        </Text>
      )}
      {names.map((name) => (
        <Group key={name} gap="sm" wrap="nowrap" mb={2}>
          <ThemeIcon size={18} variant="light" color="gray">
            <Icon size={12} aria-hidden />
          </ThemeIcon>
          <Text size="sm">{phaseTitle(type, name)}</Text>
        </Group>
      ))}
    </div>
  );
}
