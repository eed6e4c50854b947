/** One gate of an inbox: what is asked, about what, until when, and who has answered. */
import { Group, Stack, Text } from "@mantine/core";
import { IconClock, IconEyeCheck, IconLock, IconUsers } from "@tabler/icons-react";
import type { InboxItemOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import classes from "./Gates.module.css";
import { anyOf, dueOf, flowTitle, GATE_STATUS, quorumOf, toReader, voteWords } from "./waiting";

export function GateCard({ item }: { item: InboxItemOut }) {
  const { gate } = item;
  const { engagement_id: engagement } = useMe();
  const isOpen = gate.status === "open";
  return (
    <article className={classes.card}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} className={classes.asked}>
          <AnchorLink
            to="/e/$engagement/inbox/$gateId"
            params={{ engagement, gateId: gate.id }}
            size="lg"
            fw={600}
            className={classes.open}
          >
            {gate.asks}
          </AnchorLink>
          <Text size="md" c="dimmed">
            {flowTitle(gate)} · {gate.flow_type_title} · {gate.phase_title}
            {gate.iteration > 1 && ` · round ${gate.iteration}`}
          </Text>
        </Stack>
        <Group gap="xs">
          <Due item={item} />
          {!isOpen && <Tone tone={GATE_STATUS[gate.status].tone}>{GATE_STATUS[gate.status].words}</Tone>}
        </Group>
      </Group>
      <Group gap="lg" mt="sm" className={classes.facts}>
        <Fact icon={IconClock}>{isOpen ? <Opened at={gate.opened_at} /> : <Decided item={item} />}</Fact>
        {isOpen && (
          <Fact icon={IconUsers}>
            {quorumOf(gate)}
            {gate.four_eyes && ", four eyes"}
          </Fact>
        )}
        {isOpen && <Deciders item={item} />}
      </Group>
      {(isOpen || item.votes.length > 1) && item.votes.length > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {item.votes.map(voteWords).join(" · ")}
        </Text>
      )}
    </article>
  );
}

function Due({ item }: { item: InboxItemOut }) {
  const due = dueOf(item.gate);
  return due && <Tone tone={due.tone}>{due.words}</Tone>;
}

function Opened({ at }: { at: string }) {
  return (
    <>
      Opened <When at={at} />
    </>
  );
}

function Decided({ item: { gate } }: { item: InboxItemOut }) {
  return (
    <>
      {gate.decided_by ? `Decided by ${gate.decided_by}` : GATE_STATUS[gate.status].words}{" "}
      {gate.decided_at && <When at={gate.decided_at} />}
    </>
  );
}

function Deciders({ item }: { item: InboxItemOut }) {
  const { email } = useMe();
  if (item.may_decide) return <Fact icon={IconEyeCheck}>You may decide</Fact>;
  return (
    <Fact icon={IconLock}>
      {item.why_not && toReader(item.why_not, email)}
      {item.deciders.length > 0 && ` ${anyOf(item.deciders)} may.`}
    </Fact>
  );
}

function Fact({ icon: Icon, children }: { icon: typeof IconClock; children: React.ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" className={classes.fact}>
      <Icon size={15} stroke={1.7} aria-hidden className={classes.factIcon} />
      <Text size="sm" component="span">
        {children}
      </Text>
    </Group>
  );
}
