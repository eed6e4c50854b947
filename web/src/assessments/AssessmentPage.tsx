/** The 7R portfolio of an assessment; with `?gate=` the place where its strategies are decided. */
import { Group, Select, Skeleton, Tabs, Text } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AssessmentEntry } from "@/api/schema";
import { GateBanner } from "@/gates/GateBanner";
import { useOpenGates } from "@/gates/useGate";
import { useMay, useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { dayOf, stamp } from "@/ui/time";
import { spoken } from "@/ui/words";
import { Filters } from "./Filters";
import { filterOf, fitting, fittingServers, readinessBySubject, sorted } from "./filtering";
import { GateAssessment } from "./GateAssessment";
import { PHASE, subjectOf } from "./proposals";
import { Risks } from "./Risks";
import { ServersTable } from "./ServersTable";
import { SubjectsTable } from "./SubjectsTable";
import { Portfolio, ServerSummaries, SummaryGrid } from "./Summaries";
import { type Assessment, useAssessment, useMembers } from "./useAssessment";

const BANNER = "Strategies wait for a decision";

export function AssessmentPage() {
  const [search] = usePageSearch();
  const gate = one(search, "gate");
  return gate ? <GateAssessment gateId={gate} /> : <Published wanted={one(search, "assessment")} />;
}

function Published({ wanted }: { wanted: string | undefined }) {
  const { list, found } = useAssessment(wanted);
  const waiting = useOpenGates(PHASE);
  const assessment = found.data;
  const error = list.error ?? found.error;
  return (
    <Page
      title="Assessment"
      about={assessment && <About assessment={assessment} />}
      actions={
        list.data && list.data.items.length > 1 && assessment && <Versions all={list.data.items} now={assessment} />
      }
    >
      <GateBanner gates={waiting} says={BANNER} to="/e/$engagement/assessment" />
      {error && <ProblemNote error={error} onRetry={() => void (list.error ? list.refetch() : found.refetch())} />}
      {list.data?.items.length === 0 && <Nothing isWaiting={waiting.length > 0} />}
      {assessment ? <Sheet assessment={assessment} /> : !error && list.data?.items.length !== 0 && <Bones />}
    </Page>
  );
}

function About({ assessment }: { assessment: Assessment }) {
  return (
    <>
      {spoken(assessment.target)} · as of {dayOf(assessment.assessed_on)} · move planned for{" "}
      {dayOf(assessment.move_date)} · {counted(assessment.recommendations.length, "application")} on{" "}
      {counted(assessment.servers.length, "server")}
    </>
  );
}

function Versions({ all, now }: { all: AssessmentEntry[]; now: Assessment }) {
  const [, setSearch] = usePageSearch();
  return (
    <Select
      aria-label="Assessment"
      allowDeselect={false}
      w={340}
      maw="100%"
      data={all.map((entry, index) => ({
        value: entry.id,
        label: `${stamp(entry.created_at)}${index === 0 ? " · newest" : ""} · ${counted(entry.recommendations, "application")}`,
      }))}
      value={now.id}
      onChange={(id) => setSearch({ assessment: id === all[0]?.id ? undefined : (id ?? undefined) })}
    />
  );
}

function Nothing({ isWaiting }: { isWaiting: boolean }) {
  const me = useMe();
  const mayRun = useMay("flows.run");
  return (
    <Section>
      <Empty
        icon={IconClipboardCheck}
        title={isWaiting ? "No assessment is approved yet" : "Nothing is assessed yet"}
        action={
          mayRun &&
          !isWaiting && (
            <ButtonLink
              to="/e/$engagement/flows/new"
              params={{ engagement: me.engagement_id }}
              search={{ type: "assessment" }}
            >
              Start an assessment
            </ButtonLink>
          )
        }
      >
        {isWaiting
          ? "Strategies were proposed. They are shown here when someone has approved them."
          : "An assessment reads the published inventory and says for each server how well it is supported, and for each application which of seven strategies fits, with reasons."}
      </Empty>
    </Section>
  );
}

function Bones() {
  return (
    <SummaryGrid cols={3}>
      {["portfolio", "support", "readiness"].map((key) => (
        <Skeleton key={key} height={280} />
      ))}
    </SummaryGrid>
  );
}

function Sheet({ assessment }: { assessment: Assessment }) {
  const [search, setSearch] = usePageSearch();
  const filter = filterOf(search);
  const subjects = useMemo(() => assessment.recommendations.map(subjectOf), [assessment]);
  const view = one(search, "view") ?? "applications";
  const choosing = (name: "strategies" | "readiness" | "support", key: string, leadsTo: string) => ({
    chosen: filter[name],
    onChoose: (value: string) =>
      setSearch({ [key]: filter[name].includes(value) ? undefined : [value], view: leadsTo }),
  });
  return (
    <>
      <SummaryGrid cols={3}>
        <Portfolio subjects={subjects} {...choosing("strategies", "strategy", "applications")} />
        <ServerSummaries
          servers={assessment.servers}
          support={choosing("support", "support", "servers")}
          readiness={choosing("readiness", "readiness", view === "risks" ? "servers" : view)}
        />
      </SummaryGrid>
      <Tabs value={view} onChange={(next) => setSearch({ view: next ?? undefined })} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="applications">Applications</Tabs.Tab>
          <Tabs.Tab value="servers">Servers</Tabs.Tab>
          <Tabs.Tab value="risks">Risks ({assessment.risks.length})</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="applications">
          <Applications assessment={assessment} />
        </Tabs.Panel>
        <Tabs.Panel value="servers">
          <Servers assessment={assessment} />
        </Tabs.Panel>
        <Tabs.Panel value="risks">
          <Risks risks={assessment.risks} cell={one(search, "risk")} onCell={(risk) => setSearch({ risk })} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Applications({ assessment }: { assessment: Assessment }) {
  const [search, setSearch] = usePageSearch();
  const me = useMe();
  const navigate = useNavigate();
  const members = useMembers();
  const subjects = useMemo(() => assessment.recommendations.map(subjectOf), [assessment]);
  const readiness = useMemo(
    () => readinessBySubject(subjects, assessment.servers, members),
    [subjects, assessment, members],
  );
  const sort = one(search, "sort");
  const shown = sorted(fitting(subjects, filterOf(search), readiness), sort);
  return (
    <Section title="Applications" aside={<Counted shown={shown.length} all={subjects.length} />} flush>
      <Filters shows={["strategy", "readiness", "overridden"]} label="Search applications" />
      <SubjectsTable
        subjects={shown}
        readiness={readiness}
        sort={sort ?? "name"}
        onSort={(next) => setSearch({ sort: next })}
        onOpen={(subject) =>
          void navigate({
            to: "/e/$engagement/assessment/$assessmentId/$subjectId",
            params: { engagement: me.engagement_id, assessmentId: assessment.id, subjectId: subject.id },
          })
        }
      />
      {shown.length === 0 && <NoneFits />}
    </Section>
  );
}

function Servers({ assessment }: { assessment: Assessment }) {
  const [search] = usePageSearch();
  const shown = fittingServers(assessment.servers, filterOf(search));
  return (
    <Section title="Servers" aside={<Counted shown={shown.length} all={assessment.servers.length} />} flush>
      <Filters shows={["support", "readiness"]} label="Search servers" />
      <ServersTable servers={shown} height="36rem" />
      {shown.length === 0 && <NoneFits />}
    </Section>
  );
}

export function Counted({ shown, all }: { shown: number; all: number }) {
  return (
    <Text size="md" c="dimmed" className="mf-number" role="status">
      {shown === all ? all : `${shown} of ${all}`}
    </Text>
  );
}

export function NoneFits() {
  return (
    <Group p="lg">
      <Text c="dimmed">Nothing fits these filters. Clear one of them to see more.</Text>
    </Group>
  );
}
