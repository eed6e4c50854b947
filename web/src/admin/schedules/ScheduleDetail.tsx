/** One schedule: when it runs, what it starts, what became of its runs, and the commands on it. */
import { Alert, Button, Group, SimpleGrid, Skeleton, Textarea } from "@mantine/core";
import {
  IconArrowLeft,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconTrash,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "@/api/client";
import type { ScheduleOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Readable } from "@/ui/Readable";
import { usePageSearch } from "@/ui/search";
import { Stamp } from "@/ui/When";
import { spoken } from "@/ui/words";
import { CommandDialog } from "../parts/CommandDialog";
import { refused, useDone, useGone } from "../parts/done";
import parts from "../parts/parts.module.css";
import { WhoMay } from "../parts/WhoMay";
import { ScheduleTone } from "./ScheduleList";
import { ScheduleRuns } from "./ScheduleRuns";
import { Upcoming } from "./Upcoming";

export function ScheduleDetail({ id }: { id: string }) {
  const [, change] = usePageSearch();
  const found = $api.useQuery("get", "/api/v1/schedules/{schedule_id}", { params: { path: { schedule_id: id } } });
  return (
    <>
      <div>
        <Button
          variant="subtle"
          size="compact-md"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={() => change({ schedule: undefined, edit: undefined })}
        >
          All schedules
        </Button>
      </div>
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={320} />}
      {found.data && <Shown schedule={found.data} />}
    </>
  );
}

function Shown({ schedule }: { schedule: ScheduleOut }) {
  const mayRun = useMay("flows.run");
  return (
    <>
      <Section title={schedule.name} aside={<ScheduleTone schedule={schedule} />}>
        {schedule.paused_because && (
          <Alert variant="light" color="orange" title="It is paused" mb="md">
            {schedule.paused_because}
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Facts schedule={schedule} />
          <Upcoming
            timing={{
              cron: schedule.cron,
              time_zone: schedule.time_zone,
              calendar_id: schedule.calendar_id,
              in_blackout: schedule.in_blackout,
            }}
          />
        </SimpleGrid>
        {mayRun ? <Commands schedule={schedule} /> : <WhoMay to="flows.run">change or run it.</WhoMay>}
      </Section>
      <Section title="What each flow is told">
        <Readable value={schedule.config} label="What each flow is told" />
      </Section>
      <ScheduleRuns id={schedule.id} />
    </>
  );
}

const CATCH_UP = { once: "made up for once", all: "all made up for", skip: "left out" } as const;

function Facts({ schedule }: { schedule: ScheduleOut }) {
  const me = useMe();
  const { data: calendars } = $api.useQuery("get", "/api/v1/calendars");
  const calendar = calendars?.items.find((one) => one.id === schedule.calendar_id);
  return (
    <dl className={parts.pairs}>
      <dt>Starts</dt>
      <dd>{spoken(schedule.flow_type)}</dd>
      <dt>Times</dt>
      <dd>
        <span className="mf-mono">{schedule.cron}</span>, {schedule.time_zone}
      </dd>
      <dt>In the name of</dt>
      <dd>{schedule.runs_as}</dd>
      <dt>Blackouts</dt>
      <dd>
        {schedule.calendar_id
          ? `${calendar?.name ?? "…"}; times within are ${schedule.in_blackout === "skip" ? "left out" : "made at the end"}`
          : "none"}
      </dd>
      <dt>Missed times</dt>
      <dd>{CATCH_UP[schedule.catch_up]}</dd>
      <dt>Overlap</dt>
      <dd>{schedule.may_overlap ? "starts though the last flow runs" : "left out while the last flow runs"}</dd>
      {schedule.last_run_at && (
        <>
          <dt>Last run</dt>
          <dd>
            <Stamp at={schedule.last_run_at} />{" "}
            {schedule.last_flow_id && (
              <AnchorLink
                to="/e/$engagement/flows/$flowId"
                params={{ engagement: me.engagement_id, flowId: schedule.last_flow_id }}
              >
                its flow
              </AnchorLink>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}

type Asked = "pause" | "delete" | null;

function Commands({ schedule }: { schedule: ScheduleOut }) {
  const me = useMe();
  const navigate = useNavigate();
  const [, change] = usePageSearch();
  const [asked, setAsked] = useState<Asked>(null);
  const done = useDone();
  const path = { schedule_id: schedule.id };
  const resume = $api.useMutation("post", "/api/v1/schedules/{schedule_id}/resume", {
    onSuccess: () => done(`${schedule.name} runs again.`, "schedules"),
    onError: refused,
  });
  const run = $api.useMutation("post", "/api/v1/schedules/{schedule_id}/run", {
    onSuccess: (flow) => {
      done("The flow is started; the next time stays.", "schedules", "flows");
      void navigate({
        to: "/e/$engagement/flows/$flowId",
        params: { engagement: me.engagement_id, flowId: flow.flow_id },
      });
    },
    onError: refused,
  });
  const seen = { path, header: { "if-match": `"${schedule.version}"` } };
  return (
    <Group gap="sm" mt="lg">
      <Button
        leftSection={<IconPlayerTrackNext size={16} aria-hidden />}
        loading={run.isPending}
        onClick={() => run.mutate({ params: { path }, body: {} })}
      >
        Run now
      </Button>
      {schedule.paused_because ? (
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={resume.isPending}
          onClick={() => resume.mutate({ params: seen })}
        >
          Resume
        </Button>
      ) : (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          onClick={() => setAsked("pause")}
        >
          Pause
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconPencil size={16} aria-hidden />}
        onClick={() => change({ edit: "yes" })}
      >
        Change
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>
        Delete
      </Button>
      {asked === "pause" && <Pause schedule={schedule} onClose={() => setAsked(null)} />}
      {asked === "delete" && <Delete schedule={schedule} onClose={() => setAsked(null)} />}
    </Group>
  );
}

function Pause({ schedule, onClose }: { schedule: ScheduleOut; onClose(): void }) {
  const [reason, setReason] = useState("");
  const done = useDone();
  const pause = $api.useMutation("post", "/api/v1/schedules/{schedule_id}/pause", {
    onSuccess: () => {
      onClose();
      done(`${schedule.name} is paused.`, "schedules");
    },
  });
  const params = { path: { schedule_id: schedule.id }, header: { "if-match": `"${schedule.version}"` } };
  return (
    <CommandDialog
      title={`Pause ${schedule.name}`}
      says="It starts nothing until you resume it. The times in between are not made up for."
      button="Pause"
      isPending={pause.isPending}
      error={pause.error}
      onSubmit={() => pause.mutate({ params, body: { reason: reason.trim() || null } })}
      onClose={onClose}
    >
      <Textarea
        label="Reason"
        description="Others read it here"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
      />
    </CommandDialog>
  );
}

function Delete({ schedule, onClose }: { schedule: ScheduleOut; onClose(): void }) {
  const [, change] = usePageSearch();
  const done = useGone();
  const drop = $api.useMutation("delete", "/api/v1/schedules/{schedule_id}", {
    onSuccess: () => {
      change({ schedule: undefined, edit: undefined });
      done(`${schedule.name} is deleted. The flows that it started stay.`, "schedules", "calendars");
    },
  });
  const params = { path: { schedule_id: schedule.id }, header: { "if-match": `"${schedule.version}"` } };
  return (
    <CommandDialog
      title={`Delete ${schedule.name}`}
      says="It starts nothing any more, and its list of runs goes with it. The flows that it started stay. This cannot be undone."
      button="Delete"
      isGrave
      isPending={drop.isPending}
      error={drop.error}
      onSubmit={() => drop.mutate({ params })}
      onClose={onClose}
    />
  );
}
