/** Making a schedule, or deciding one anew: when, what, and what becomes of times that cannot be kept. */
import {
  Alert,
  Button,
  Chip,
  Group,
  Select,
  SimpleGrid,
  Skeleton,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { $api } from "@/api/client";
import type { ScheduleOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { usePageSearch } from "@/ui/search";
import { useDone } from "../parts/done";
import { blankDraft, bodyOf, CRONS, type Draft, draftOf } from "./draft";
import { ScheduleConfig } from "./ScheduleConfig";
import { Upcoming } from "./Upcoming";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set(["UTC", HERE, ...Intl.supportedValuesOf("timeZone")])];

export function MakeSchedule() {
  return <ScheduleForm />;
}

export function EditSchedule({ id }: { id: string }) {
  const found = $api.useQuery("get", "/api/v1/schedules/{schedule_id}", { params: { path: { schedule_id: id } } });
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={400} />;
  return <ScheduleForm schedule={found.data} />;
}

function ScheduleForm({ schedule }: { schedule?: ScheduleOut }) {
  const me = useMe();
  const [, change] = usePageSearch();
  const [draft, setDraft] = useState<Draft>(() => (schedule ? draftOf(schedule) : blankDraft(HERE)));
  const types = $api.useQuery("get", "/api/v1/flow-types", {}, { staleTime: Number.POSITIVE_INFINITY });
  const done = useDone();
  const onSuccess = (kept: ScheduleOut) => {
    done(schedule ? `${kept.name} is changed.` : `${kept.name} is made.`, "schedules", "calendars");
    change({ schedule: kept.id, edit: undefined });
  };
  const make = $api.useMutation("post", "/api/v1/schedules", { onSuccess });
  const redo = $api.useMutation("put", "/api/v1/schedules/{schedule_id}", { onSuccess });
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const type = types.data?.items.find((one) => one.name === draft.flowType);
  const send = (config: Record<string, unknown>, refuse: (error: unknown) => void) => {
    if (!type) return;
    const body = bodyOf(draft, type.name, config);
    if (!schedule) make.mutate({ body }, { onError: refuse });
    else {
      const params = { path: { schedule_id: schedule.id }, header: { "if-match": `"${schedule.version}"` } };
      redo.mutate({ params, body }, { onError: refuse });
    }
  };
  const back = () => change({ schedule: schedule?.id, edit: undefined });
  return (
    <Stack gap="lg">
      <Section title={schedule ? `Change ${schedule.name}` : "New schedule"}>
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <TextInput
              label="Name"
              placeholder="nightly discovery"
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
              maxLength={200}
              required
            />
            <Select
              label="Starts a flow of the type"
              placeholder="Choose a type"
              data={(types.data?.items ?? []).map((one) => ({ value: one.name, label: one.title }))}
              value={draft.flowType}
              onChange={(flowType) => set({ flowType })}
              allowDeselect={false}
              required
            />
          </SimpleGrid>
          {schedule && schedule.runs_as !== me.email && (
            <Alert variant="light" color="orange" title="The flows will start in your name">
              So far they start as {schedule.runs_as}. From the change on they have your rights.
            </Alert>
          )}
        </Stack>
      </Section>
      <When draft={draft} set={set} />
      {type ? (
        <ScheduleConfig
          key={type.name}
          type={type}
          given={schedule?.flow_type === type.name ? schedule.config : undefined}
          button={schedule ? "Change it" : "Make it"}
          isReady={draft.name.trim() !== "" && draft.cron.trim() !== ""}
          isPending={make.isPending || redo.isPending}
          error={make.error ?? redo.error}
          onSubmit={send}
          onBack={back}
        />
      ) : (
        <Group justify="space-between">
          <Text c="dimmed" size="md">
            Choose a flow type to say what each flow is told.
          </Text>
          <Button variant="default" onClick={back}>
            Leave it
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface PartProps {
  draft: Draft;
  set(part: Partial<Draft>): void;
}

function When({ draft, set }: PartProps) {
  return (
    <Section title="When">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack gap="md">
          <Chip.Group value={draft.cron} onChange={(cron) => set({ cron })}>
            <Group gap="xs" role="group" aria-label="Usual times">
              {CRONS.map(({ cron, label }) => (
                <Chip key={cron} value={cron} size="xs">
                  {label}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          <TextInput
            label="Times (cron)"
            description="Minute, hour, day of the month, month, day of the week"
            value={draft.cron}
            onChange={(event) => set({ cron: event.currentTarget.value })}
            maxLength={100}
            classNames={{ input: "mf-mono" }}
            required
          />
          <Select
            label="Time zone"
            description="By whose clocks the times are read, summer time included"
            data={ZONES}
            value={draft.timeZone}
            onChange={(timeZone) => timeZone && set({ timeZone })}
            searchable
            limit={50}
            allowDeselect={false}
          />
          <Rules draft={draft} set={set} />
        </Stack>
        <div>
          <Text fw={600} size="md" mb="xs">
            Next times
          </Text>
          <Upcoming
            timing={{
              cron: draft.cron,
              time_zone: draft.timeZone,
              calendar_id: draft.calendarId,
              in_blackout: draft.inBlackout,
            }}
          />
        </div>
      </SimpleGrid>
    </Section>
  );
}

function Rules({ draft, set }: PartProps) {
  const calendars = $api.useQuery("get", "/api/v1/calendars");
  return (
    <>
      <Select
        label="Calendar of blackouts"
        placeholder="None"
        data={(calendars.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        value={draft.calendarId}
        onChange={(calendarId) => set({ calendarId })}
        clearable
        clearButtonProps={{ "aria-label": "No calendar" }}
      />
      {draft.calendarId && (
        <Select
          label="A time within a blackout"
          data={[
            { value: "skip", label: "is left out" },
            { value: "defer", label: "is made up for when the blackout ends" },
          ]}
          value={draft.inBlackout}
          onChange={(value) => set({ inBlackout: value === "defer" ? "defer" : "skip" })}
          allowDeselect={false}
        />
      )}
      <Select
        label="Times that were missed while no worker ran"
        data={[
          { value: "once", label: "are made up for once" },
          { value: "all", label: "are all made up for" },
          { value: "skip", label: "are left out" },
        ]}
        value={draft.catchUp}
        onChange={(value) => set({ catchUp: value === "all" || value === "skip" ? value : "once" })}
        allowDeselect={false}
      />
      <Switch
        label="Start though the last flow has not ended"
        checked={draft.mayOverlap}
        onChange={(event) => set({ mayOverlap: event.currentTarget.checked })}
      />
    </>
  );
}
