/** The wave plan: the newest version or a chosen one; with `?gate=` the place where it is changed and approved. */
import { Alert, Select, Skeleton } from "@mantine/core";
import { IconInfoCircle, IconTimeline } from "@tabler/icons-react";
import { useMemo } from "react";
import { $api } from "@/api/client";
import type { PlanEntry } from "@/api/schema";
import { GateBanner } from "@/gates/GateBanner";
import { useOpenGates } from "@/gates/useGate";
import { useMay, useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { stamp } from "@/ui/time";
import { Stamp } from "@/ui/When";
import { Board } from "./Board";
import { fromPlan, PHASE } from "./board";
import { Figures, Freezes, Hybrids, NotPlanned, Wishes } from "./Details";
import { GatePlan } from "./GatePlan";
import classes from "./plans.module.css";
import { useFreezes } from "./useFreezes";

const PAGE = 200;

export function PlanPage() {
  const [search] = usePageSearch();
  const gate = one(search, "gate");
  return gate ? <GatePlan gateId={gate} /> : <Published wanted={one(search, "plan")} />;
}

export function usePlans() {
  return $api.useQuery("get", "/api/v1/plans", { params: { query: { limit: PAGE } } });
}

function Published({ wanted }: { wanted: string | undefined }) {
  const me = useMe();
  const list = usePlans();
  const waiting = useOpenGates(PHASE);
  const id = wanted ?? list.data?.items[0]?.id;
  const found = $api.useQuery(
    "get",
    "/api/v1/plans/{plan_id}",
    { params: { path: { plan_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const freezes = useFreezes(found.data?.flow_id);
  const board = useMemo(() => found.data && fromPlan(found.data), [found.data]);
  const entry = list.data?.items.find((one) => one.id === id);
  const former = list.data?.items.find((one) => entry && one.version < entry.version);
  const error = list.error ?? found.error;
  return (
    <Page
      title="Plan"
      about={
        found.data && (
          <>
            Version {found.data.version}
            {entry && (
              <>
                {" "}
                · approved <Stamp at={entry.created_at} />
              </>
            )}{" "}
            · {counted(found.data.items.length, "application")} in {counted(found.data.waves.length, "wave")}
          </>
        )
      }
      actions={
        list.data &&
        list.data.items.length > 1 &&
        id && (
          <>
            <Versions all={list.data.items} now={id} />
            {former && (
              <ButtonLink
                variant="default"
                to="/e/$engagement/plan/compare"
                params={{ engagement: me.engagement_id }}
                search={{ a: former.id, b: id }}
              >
                Compare versions
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <GateBanner gates={waiting} says="A plan waits for a decision" to="/e/$engagement/plan" />
      {error && <ProblemNote error={error} onRetry={() => void (list.error ? list.refetch() : found.refetch())} />}
      {list.data?.items.length === 0 && <Nothing isWaiting={waiting.length > 0} />}
      {!board && !error && list.data?.items.length !== 0 && <Skeleton height={480} />}
      {board && found.data && (
        <>
          <HowToChange flowId={found.data.flow_id} />
          <Figures board={board} />
          <Freezes freezes={freezes} />
          <Board board={board} freezes={freezes} />
          <div className={classes.columns}>
            <Wishes title="Wishes not met" wishes={board.wishes} none="Every wish is met." />
            <Hybrids board={board} />
            <NotPlanned board={board} />
          </div>
        </>
      )}
    </Page>
  );
}

function Versions({ all, now }: { all: PlanEntry[]; now: string }) {
  const [, setSearch] = usePageSearch();
  return (
    <Select
      aria-label="Version"
      allowDeselect={false}
      w={280}
      maw="100%"
      data={all.map((entry) => ({
        value: entry.id,
        label: `Version ${entry.version} · ${stamp(entry.created_at)}`,
      }))}
      value={now}
      onChange={(id) => setSearch({ plan: id === all[0]?.id ? undefined : (id ?? undefined) })}
    />
  );
}

function HowToChange({ flowId }: { flowId: string }) {
  const me = useMe();
  return (
    <Alert variant="light" color="gray" icon={<IconInfoCircle aria-hidden />}>
      This version is approved and does not change. To move something, roll{" "}
      <AnchorLink to="/e/$engagement/flows/$flowId" params={{ engagement: me.engagement_id, flowId }}>
        its flow
      </AnchorLink>{" "}
      back to wave planning: it opens here for changes and becomes the next version when it is approved.
    </Alert>
  );
}

function Nothing({ isWaiting }: { isWaiting: boolean }) {
  const me = useMe();
  const mayRun = useMay("flows.run");
  return (
    <Section>
      <Empty
        icon={IconTimeline}
        title={isWaiting ? "No plan is approved yet" : "Nothing is planned yet"}
        action={
          mayRun &&
          !isWaiting && (
            <ButtonLink
              to="/e/$engagement/flows/new"
              params={{ engagement: me.engagement_id }}
              search={{ type: "planning" }}
            >
              Start planning
            </ButtonLink>
          )
        }
      >
        {isWaiting
          ? "A plan was made and waits for a decision. It is shown here when someone has approved it."
          : "Planning puts the applications of an approved assessment into waves: what needs each other moves together, and no wave carries more than it can."}
      </Empty>
    </Section>
  );
}
