/** Where the strategies of an open gate are decided: each can be overridden with a reason, then all are approved. */
import { Alert, Button, Group, Skeleton, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { GateOut } from "@/api/schema";
import classes from "@/gates/Decide.module.css";
import { DecideBar } from "@/gates/DecideBar";
import { GateGone } from "@/gates/GateGone";
import { useDraft } from "@/gates/useDraft";
import { useGate } from "@/gates/useGate";
import { usePreview } from "@/gates/usePreview";
import { useUndoKeys } from "@/gates/useUndoKeys";
import { useMe } from "@/session/me";
import type { Selection } from "@/ui/DataTable";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { dayOf } from "@/ui/time";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { Counted, NoneFits } from "./AssessmentPage";
import { Filters } from "./Filters";
import { filterOf, fitting, sorted } from "./filtering";
import { OverrideDialog, ProposalFacts } from "./OverrideDialog";
import { isOverridden, type Proposal, type Proposals, readProposals, withEdits } from "./proposals";
import { SubjectsTable } from "./SubjectsTable";
import { Portfolio, SummaryGrid } from "./Summaries";

const NO_READINESS = new Map<string, never>();

export function GateAssessment({ gateId }: { gateId: string }) {
  const me = useMe();
  const { data: gate, error, refetch } = useGate(gateId);
  const asked = useMemo(() => (gate ? readProposals(gate.output) : null), [gate]);
  return (
    <Page
      title="Decide the strategies"
      about={gate && <About gate={gate} asked={asked} />}
      actions={
        <ButtonLink variant="default" to="/e/$engagement/assessment" params={{ engagement: me.engagement_id }}>
          Approved assessment
        </ButtonLink>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!gate && !error && <Skeleton height={420} />}
      {gate && !asked && (
        <Alert color="orange" variant="light" title="This gate asks about something else">
          It belongs to the phase {spoken(gate.phase)}.{" "}
          <AnchorLink to="/e/$engagement/inbox/$gateId" params={{ engagement: me.engagement_id, gateId }}>
            Open it in the inbox
          </AnchorLink>
        </Alert>
      )}
      {gate && asked && gate.status !== "open" && (
        <Section>
          <GateGone
            gate={gate}
            action={
              <ButtonLink to="/e/$engagement/assessment" params={{ engagement: me.engagement_id }}>
                To the assessment
              </ButtonLink>
            }
          />
        </Section>
      )}
      {gate && asked && gate.status === "open" && <Deciding gate={gate} asked={asked} />}
    </Page>
  );
}

function About({ gate, asked }: { gate: GateOut; asked: Proposals | null }) {
  return (
    <>
      {gate.asks} {gate.flow_name ?? gate.flow_type_title}
      {asked && (
        <>
          {" "}
          · {spoken(asked.target)} · move planned for {dayOf(asked.moveDate)}
        </>
      )}
      {gate.due_at && (
        <>
          {" "}
          · due <When at={gate.due_at} />
        </>
      )}
    </>
  );
}

function Deciding({ gate, asked }: { gate: GateOut; asked: Proposals }) {
  const [search, setSearch] = usePageSearch();
  const me = useMe();
  const navigate = useNavigate();
  const draft = useDraft(gate.id, gate.content_hash);
  useUndoKeys(draft);
  const proposals = useMemo(() => withEdits(asked.proposals, draft.edits), [asked, draft.edits]);
  const state = usePreview(gate, draft.edits);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isBulk, setBulk] = useState(false);
  const filter = filterOf(search);
  const sort = one(search, "sort");
  const shown = sorted(fitting(proposals, filter, NO_READINESS), sort);
  const overrides = proposals.filter(isOverridden);
  const problems = state.preview?.problems.map((problem) => problem.message) ?? [];
  const opened = proposals.find((proposal) => proposal.id === one(search, "subject"));
  const bulk = shown.filter((proposal) => chosen.has(proposal.id));
  return (
    <>
      <SummaryGrid cols={2}>
        <Portfolio
          subjects={proposals}
          chosen={filter.strategies}
          onChoose={(strategy) =>
            setSearch({ strategy: filter.strategies.includes(strategy) ? undefined : [strategy] })
          }
        />
        <Section title="Overrides">
          <Overrides overrides={overrides} onOpen={(id) => setSearch({ subject: id })} />
        </Section>
      </SummaryGrid>
      {Boolean(state.error) && <ProblemNote error={state.error} onRetry={state.retry} />}
      <Section title="Applications" aside={<Counted shown={shown.length} all={proposals.length} />} flush>
        <Filters shows={["strategy", "overridden"]} label="Search applications" />
        {bulk.length > 0 && (
          <Group gap="sm" px="md" pb="md">
            <Text fw={560}>{counted(bulk.length, "application")} chosen</Text>
            <Button size="compact-md" onClick={() => setBulk(true)}>
              Set the strategy…
            </Button>
            <Button size="compact-md" variant="default" onClick={() => setChosen(new Set())}>
              Choose none
            </Button>
          </Group>
        )}
        <SubjectsTable
          subjects={shown}
          sort={sort ?? "name"}
          onSort={(next) => setSearch({ sort: next })}
          onOpen={(proposal) => setSearch({ subject: proposal.id })}
          selection={selectionOf(shown, chosen, setChosen)}
        />
        {shown.length === 0 && <NoneFits />}
      </Section>
      <DecideBar
        gate={gate}
        draft={draft}
        changes={overrides.length}
        noun="override"
        problems={problems}
        isChecking={state.isOld}
        summary={<Overrides overrides={overrides} />}
        onDecided={() => void navigate({ to: "/e/$engagement/assessment", params: { engagement: me.engagement_id } })}
      />
      {opened && (
        <OverrideDialog
          key={opened.id}
          subjects={[opened]}
          onClose={() => setSearch({ subject: undefined })}
          onSave={(step) => {
            draft.add(step);
            setSearch({ subject: undefined });
          }}
        >
          <ProposalFacts proposal={opened} />
        </OverrideDialog>
      )}
      {isBulk && (
        <OverrideDialog
          subjects={bulk}
          onClose={() => setBulk(false)}
          onSave={(step) => {
            draft.add(step);
            setChosen(new Set());
            setBulk(false);
          }}
        />
      )}
    </>
  );
}

function Overrides({ overrides, onOpen }: { overrides: readonly Proposal[]; onOpen?(id: string): void }) {
  if (overrides.length === 0)
    return (
      <Text c="dimmed" size="md">
        Every strategy is the one of the rules. {onOpen && "Open an application to override it with a reason."}
      </Text>
    );
  return (
    <ul className={classes.problems}>
      {overrides.map((proposal) => (
        <li key={proposal.id}>
          {onOpen ? (
            <Button size="compact-sm" variant="transparent" px={0} onClick={() => onOpen(proposal.id)}>
              {proposal.name}
            </Button>
          ) : (
            <b>{proposal.name}</b>
          )}
          : {spoken(proposal.strategy)} instead of {spoken(proposal.ruleStrategy)}. {proposal.overrideReason}
        </li>
      ))}
    </ul>
  );
}

function selectionOf(
  shown: readonly Proposal[],
  chosen: ReadonlySet<string>,
  setChosen: (next: ReadonlySet<string>) => void,
): Selection {
  return {
    selected: chosen,
    toggle: (key) => {
      const next = new Set(chosen);
      if (!next.delete(key)) next.add(key);
      setChosen(next);
    },
    toggleAll: () => {
      const isAll = shown.every((proposal) => chosen.has(proposal.id));
      setChosen(isAll ? new Set() : new Set(shown.map((proposal) => proposal.id)));
    },
  };
}
