/** Overriding the strategy of one application: into the draft of the gate that waits for it, or how to get there. */
import { Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import type { GateOut } from "@/api/schema";
import classes from "@/gates/Decide.module.css";
import { useDraft } from "@/gates/useDraft";
import { useGate, useOpenGates } from "@/gates/useGate";
import { useMay, useMe } from "@/session/me";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { OverrideForm } from "./OverrideDialog";
import { isOverridden, PHASE, type Proposals, readProposals, withEdits } from "./proposals";

export function SubjectOverride({ subjectId, flowId }: { subjectId: string; flowId: string }) {
  const mayDecide = useMay("gates.decide");
  const [open] = useOpenGates(PHASE);
  const { data: gate } = useGate(open?.id);
  const asked = useMemo(() => (gate ? readProposals(gate.output) : null), [gate]);
  const isAsked = asked?.proposals.some((proposal) => proposal.id === subjectId);
  if (open && !gate) return null;
  return (
    <Section title="Override">
      {gate && asked && isAsked && mayDecide ? (
        <Form gate={gate} asked={asked} subjectId={subjectId} />
      ) : (
        <HowTo flowId={flowId} />
      )}
    </Section>
  );
}

function Form({ gate, asked, subjectId }: { gate: GateOut; asked: Proposals; subjectId: string }) {
  const me = useMe();
  const draft = useDraft(gate.id, gate.content_hash);
  const proposals = withEdits(asked.proposals, draft.edits);
  const mine = proposals.filter((proposal) => proposal.id === subjectId);
  const overrides = proposals.filter(isOverridden).length;
  return (
    <>
      <Group className={classes.banner} justify="space-between" gap="sm" mb="md">
        <Text size="md">
          {gate.flow_name ?? gate.flow_type_title} waits for a decision; {counted(overrides, "override")} so far. What
          you keep here is sent when the strategies are approved.
        </Text>
        <ButtonLink
          size="compact-md"
          variant="default"
          to="/e/$engagement/assessment"
          params={{ engagement: me.engagement_id }}
          search={{ gate: gate.id }}
        >
          To the decision
        </ButtonLink>
      </Group>
      <OverrideForm
        key={`${mine[0]?.strategy}${mine[0]?.overrideReason}`}
        subjects={mine}
        onSave={(step) => {
          draft.add(step);
          notifications.show({ title: "Kept", message: "It is one of the overrides of the open decision." });
        }}
      />
    </>
  );
}

function HowTo({ flowId }: { flowId: string }) {
  const me = useMe();
  return (
    <Text size="md">
      This assessment is approved and does not change. To set another strategy, roll{" "}
      <AnchorLink to="/e/$engagement/flows/$flowId" params={{ engagement: me.engagement_id, flowId }}>
        its flow
      </AnchorLink>{" "}
      back to the phase that recommends strategies: it asks again, and the override is made there with a reason.
    </Text>
  );
}
