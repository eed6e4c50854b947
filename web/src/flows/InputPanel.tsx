/** A flow that waits for input: what it asks and why, as a form or as a workbook to fill in. */
import { Button, FileButton, Group, List, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { $api, api } from "@/api/client";
import { download } from "@/api/download";
import type { AskedOut, FlowOut, FlowTypeOut } from "@/api/schema";
import { useMay } from "@/session/me";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SchemaForm } from "@/ui/SchemaForm";
import { Tone } from "@/ui/Tone";
import { useSchemaForm } from "@/ui/useSchemaForm";
import { askedSchema } from "./asked";
import { ReasonBox } from "./CommandDialog";
import { editsOf } from "./commands";
import { phaseTitle } from "./naming";

export function InputPanel({ flow, type }: { flow: FlowOut; type: FlowTypeOut | undefined }) {
  const asked = $api.useQuery("get", "/api/v1/flows/{flow_id}/input", {
    params: { path: { flow_id: flow.flow_id } },
  });
  if (asked.error && !asked.data) return <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton height={180} aria-label="Loading what is asked" />;
  return (
    <Section title="It waits for input" aside={<Tone tone="wait">Your turn</Tone>}>
      <Stack gap="lg">
        <div>
          <Text size="md">{saidOf(asked.data, type)}</Text>
          {asked.data.hint && (
            <Text size="md" fw={560} mt="xs">
              {asked.data.hint}
            </Text>
          )}
        </div>
        <Elsewhere asked={asked.data} />
        <InputForm key={flow.version} flow={flow} type={type} asked={asked.data} />
      </Stack>
    </Section>
  );
}

/** What the fields below say for themselves is not said before them. */
function saidOf(asked: AskedOut, type: FlowTypeOut | undefined): string {
  if (asked.fields.length === 0 || !asked.phase) return asked.message;
  return `${phaseTitle(type, asked.phase)}: it goes on as soon as this is answered.`;
}

function Elsewhere({ asked }: { asked: AskedOut }) {
  if (asked.elsewhere.length === 0) return null;
  return (
    <List size="md" aria-label="Missing elsewhere">
      {asked.elsewhere.map((one) => (
        <List.Item key={`${one.what} ${one.reason}`}>
          {one.what}: {one.reason}
          {one.place && ` (${one.place})`}
        </List.Item>
      ))}
    </List>
  );
}

const WITHIN = ["values"];

function InputForm({ flow, type, asked }: { flow: FlowOut; type: FlowTypeOut | undefined; asked: AskedOut }) {
  const mayRun = useMay("flows.run");
  const client = useQueryClient();
  const [isWhole, setWhole] = useState(false);
  const [reason, setReason] = useState("");
  const schema = useMemo(() => askedSchema(asked, type?.config, isWhole), [asked, type, isWhole]);
  const settled = async () => {
    notifications.show({ message: "The flow runs on with your input." });
    await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/v1/flows") });
  };
  const upload = useMutation({ mutationFn: (file: File) => sendFile(flow, file, reason), onSuccess: settled });
  const workbook = useMutation({
    mutationFn: () => download(`/api/v1/flows/${flow.flow_id}/input/template`, `input-${flow.flow_id}.xlsx`),
  });
  if (!mayRun) return null;
  const error = upload.error ?? workbook.error;
  return (
    <Stack gap="md">
      <ValuesForm
        key={String(isWhole)}
        flow={flow}
        schema={schema}
        isWhole={isWhole}
        reason={reason}
        onSettled={settled}
      >
        <ReasonBox reason={reason} onChange={setReason} isNeeded={false} />
      </ValuesForm>
      {error && <ProblemNote error={error} />}
      <Group gap="sm">
        {asked.also.length > 0 && type && (
          <Button variant="subtle" size="compact-md" onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Only what is asked" : "Change other input too"}
          </Button>
        )}
        {asked.fields.length > 0 && (
          <>
            <Button
              variant="subtle"
              size="compact-md"
              leftSection={<IconDownload size={14} aria-hidden />}
              loading={workbook.isPending}
              onClick={() => workbook.mutate()}
            >
              Get it as a workbook
            </Button>
            <FileButton onChange={(file) => file && upload.mutate(file)} accept=".xlsx,.csv,.json">
              {(props) => (
                <Button
                  {...props}
                  variant="subtle"
                  size="compact-md"
                  leftSection={<IconUpload size={14} aria-hidden />}
                  loading={upload.isPending}
                >
                  Hand in a filled workbook
                </Button>
              )}
            </FileButton>
          </>
        )}
      </Group>
    </Stack>
  );
}

interface ValuesFormProps {
  flow: FlowOut;
  schema: unknown;
  isWhole: boolean;
  reason: string;
  onSettled(): Promise<void>;
  children: React.ReactNode;
}

function ValuesForm({ flow, schema, isWhole, reason, onSettled, children }: ValuesFormProps) {
  const form = useSchemaForm(schema, knownOf(flow, schema), WITHIN);
  const supply = $api.useMutation("post", "/api/v1/flows/{flow_id}/input", {
    onSuccess: onSettled,
    onError: form.refuse,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const values = form.checked();
    if (!values) return;
    supply.mutate({
      params: { path: { flow_id: flow.flow_id }, header: { "if-match": `"${flow.version}"` } },
      body: { values: isWhole ? editsOf(flow.config, values) : values, reason: reason.trim() || null },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <SchemaForm {...form.props} />
        {children}
        {supply.error && <ProblemNote error={supply.error} />}
        <Group>
          <Button type="submit" loading={supply.isPending}>
            Supply it and run on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What the flow knows of the fields that are asked. */
function knownOf(flow: FlowOut, schema: unknown): Record<string, unknown> {
  const names = Object.keys((schema as { properties?: object }).properties ?? {});
  return Object.fromEntries(names.filter((name) => name in flow.config).map((name) => [name, flow.config[name]]));
}

async function sendFile(flow: FlowOut, file: File, reason: string): Promise<void> {
  await api.POST("/api/v1/flows/{flow_id}/input/file", {
    params: { path: { flow_id: flow.flow_id }, header: { "if-match": `"${flow.version}"` } },
    body: { file: file.name },
    bodySerializer: () => {
      const form = new FormData();
      form.set("file", file);
      if (reason.trim()) form.set("reason", reason.trim());
      return form;
    },
  });
}
