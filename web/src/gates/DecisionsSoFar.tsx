/** Every answer to a gate, with its reason and what it edited. */
import { Stack, Text } from "@mantine/core";
import { $api } from "@/api/client";
import type { DecisionOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { textOf } from "./edits";
import classes from "./GatePage.module.css";
import { voteWords } from "./waiting";

const MOST_EDITS = 5;

export function DecisionsSoFar({ gateId }: { gateId: string }) {
  const decisions = $api.useQuery("get", "/api/v1/gates/{gate_id}/decisions", {
    params: { path: { gate_id: gateId } },
  });
  if (!decisions.data || decisions.data.items.length === 0) return null;
  return (
    <Section title="Answers so far">
      <ul className={classes.votes}>
        {decisions.data.items.map((one) => (
          <li key={`${one.actor}${one.decided_at}`}>
            <Answer decision={one} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Answer({ decision }: { decision: DecisionOut }) {
  const isApproval = decision.verdict === "approve";
  return (
    <Stack gap={4} align="flex-start">
      <Tone tone={!decision.counts || decision.superseded ? "rest" : isApproval ? "good" : "bad"}>
        {isApproval ? "Approved" : "Rejected"}
      </Tone>
      <Text size="sm">
        {voteWords(decision)}, <When at={decision.decided_at} />
      </Text>
      {decision.reason && <Text size="sm">“{decision.reason}”</Text>}
      {decision.edits.slice(0, MOST_EDITS).map((edit) => (
        <Text size="xs" c="dimmed" key={`${edit.row}${edit.field}`}>
          {edit.field}: {textOf(edit.before) || "empty"} → {textOf(edit.after) || "empty"}
        </Text>
      ))}
      {decision.edits.length > MOST_EDITS && (
        <Text size="xs" c="dimmed">
          and {decision.edits.length - MOST_EDITS} more
        </Text>
      )}
    </Stack>
  );
}
