/** What a flow says about where it stands: how far it is, why it failed, or whom it waits for. */
import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { $api } from "@/api/client";
import type { FlowOut, FlowTypeOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { Bar } from "@/ui/Bar";
import { ButtonLink } from "@/ui/links";
import { count, counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { InputPanel, RedoDialog } from "./forms";
import { phaseTitle } from "./naming";

export interface PanelProps {
  flow: FlowOut;
  type: FlowTypeOut | undefined;
}

export function FlowPanels({ flow, type }: PanelProps) {
  if (flow.deleted_at) {
    return (
      <Alert color="gray" title="This flow is deleted">
        It is in no list. Nothing of it was erased, and it can be restored.
      </Alert>
    );
  }
  switch (flow.status) {
    case "running":
      return <Progress flow={flow} type={type} />;
    case "failed":
      return <Failure flow={flow} type={type} />;
    case "waiting_for_input":
      return (
        <Suspense>
          <InputPanel flow={flow} type={type} />
        </Suspense>
      );
    case "waiting_for_approval":
      return <Gate flow={flow} type={type} />;
    default:
      return null;
  }
}

function Progress({ flow, type }: PanelProps) {
  const { progress, last_error: error } = flow;
  const title = flow.current_phase ? phaseTitle(type, flow.current_phase) : "Running";
  return (
    <Section title={title} aside={flow.pause_requested && <Text size="sm">Pauses at the next boundary</Text>}>
      {progress && progress.total > 0 ? (
        <>
          <Bar share={progress.done / progress.total} label={`Progress of ${title}`} />
          <Text size="sm" c="dimmed" mt="xs" className="mf-number" ta="left" aria-live="polite">
            {count(progress.done)} of {count(progress.total)} {progress.what}
          </Text>
        </>
      ) : (
        <Text size="md" c="dimmed">
          {flow.runs_here ? "It runs. This phase does not say how far it is." : "It runs elsewhere and reports here."}
        </Text>
      )}
      {error && (
        <Text size="sm" mt="sm">
          {counted(flow.attempts, "attempt")} ended with an error, and it is tried again: {error.message}
        </Text>
      )}
    </Section>
  );
}

function Failure({ flow, type }: PanelProps) {
  const mayRun = useMay("flows.run");
  const [isRedoing, setRedoing] = useState<"retry" | "edit" | null>(null);
  const error = flow.last_error;
  const where = error?.phase ?? flow.current_phase;
  return (
    <Section title={where ? phaseTitle(type, where) : "The flow"} aside={<Tone tone="bad">Failed</Tone>}>
      <Text size="md">{error?.message ?? "The flow ended with an error that left no message."}</Text>
      {error?.hint && (
        <Text size="md" mt="xs" fw={560}>
          {error.hint}
        </Text>
      )}
      {error && (
        <Text size="xs" c="dimmed" mt="sm">
          Code <Code>{error.code}</Code> · {spoken(error.error_class)} error
          {error.permanent && ", which trying again alone does not mend"}
          {error.attempt !== null && ` · attempt ${error.attempt}`}
          {error.correlation_id && (
            <>
              {" "}
              · correlation id <Code>{error.correlation_id}</Code>
            </>
          )}
        </Text>
      )}
      {mayRun && (
        <Group mt="md" gap="sm">
          <Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setRedoing("retry")}>
            Retry
          </Button>
          <Button variant="default" onClick={() => setRedoing("edit")}>
            Retry with edited input
          </Button>
        </Group>
      )}
      {isRedoing && (
        <Suspense>
          <RedoDialog
            flow={flow}
            type={type}
            command="retry"
            isEditing={isRedoing === "edit"}
            onClose={() => setRedoing(null)}
          />
        </Suspense>
      )}
    </Section>
  );
}

function Gate({ flow, type }: PanelProps) {
  const me = useMe();
  const { data } = $api.useQuery("get", "/api/v1/gates", {
    params: { query: { flow_id: flow.flow_id, status: "open" } },
  });
  const gate = data?.items[0];
  if (!gate) return null;
  const missing = gate.quorum - gate.approvals;
  return (
    <Section title={gate.asks} aside={<Tone tone="wait">Approval asked</Tone>}>
      <Text size="md">
        {phaseTitle(type, gate.phase)} is done and waits for {missing > 1 ? `${missing} approvals` : "an approval"} by{" "}
        {gate.approver_roles.map(spoken).join(" or ")}
        {gate.quorum > 1 && `; ${gate.approvals} of ${gate.quorum} are given`}. Asked <When at={gate.opened_at} />
        {gate.due_at && (
          <>
            , due <When at={gate.due_at} />
          </>
        )}
        .
      </Text>
      <Group mt="md">
        <ButtonLink to="/e/$engagement/inbox/$gateId" params={{ engagement: me.engagement_id, gateId: gate.id }}>
          Look at it in the inbox
        </ButtonLink>
      </Group>
    </Section>
  );
}
