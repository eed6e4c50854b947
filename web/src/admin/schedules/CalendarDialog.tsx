/** A calendar and its blackouts, written in the reader's local time. */
import { ActionIcon, Button, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/api/client";
import type { CalendarOut } from "@/api/schema";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import parts from "../parts/parts.module.css";
import { blankPeriod, isWhole, type PeriodDraft, periodBody, periodsOf } from "./draft";

export function CalendarDialog({ calendar, onClose }: { calendar?: CalendarOut; onClose(): void }) {
  const [name, setName] = useState(calendar?.name ?? "");
  const [periods, setPeriods] = useState<PeriodDraft[]>(() => (calendar ? periodsOf(calendar) : [blankPeriod()]));
  const done = useDone();
  const onSuccess = (kept: CalendarOut) => {
    onClose();
    done(`The calendar ${kept.name} is kept; its schedules are planned anew.`, "calendars", "schedules");
  };
  const make = $api.useMutation("post", "/api/v1/calendars", { onSuccess });
  const redo = $api.useMutation("put", "/api/v1/calendars/{calendar_id}", { onSuccess });
  const save = () => {
    const body = { periods: periods.map(periodBody) };
    if (!calendar) make.mutate({ body: { ...body, name: name.trim() } });
    else {
      const params = { path: { calendar_id: calendar.id }, header: { "if-match": `"${calendar.version}"` } };
      redo.mutate({ params, body });
    }
  };
  const set = (key: string, part: Partial<PeriodDraft>) =>
    setPeriods(periods.map((period) => (period.key === key ? { ...period, ...part } : period)));
  return (
    <CommandDialog
      title={calendar ? `Change ${calendar.name}` : "Make a calendar"}
      says={`Nothing starts by itself from the beginning of a blackout until its end. Times are those of your clock (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`}
      button={calendar ? "Change it" : "Make it"}
      size="xl"
      isReady={name.trim() !== "" && periods.every(isWhole)}
      isPending={make.isPending || redo.isPending}
      error={make.error ?? redo.error}
      onSubmit={save}
      onClose={onClose}
    >
      {!calendar && (
        <TextInput
          label="Name"
          placeholder="Freezes"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={200}
          required
          data-autofocus
        />
      )}
      {periods.length === 0 && <Text c="dimmed">It has no blackout.</Text>}
      <Stack gap="md">
        {periods.map((period, index) => (
          <PeriodFields
            key={period.key}
            period={period}
            number={index + 1}
            onChange={(part) => set(period.key, part)}
            onRemove={() => setPeriods(periods.filter((one) => one.key !== period.key))}
          />
        ))}
      </Stack>
      <div>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setPeriods([...periods, blankPeriod()])}
        >
          One more blackout
        </Button>
      </div>
    </CommandDialog>
  );
}

interface PeriodFieldsProps {
  period: PeriodDraft;
  number: number;
  onChange(part: Partial<PeriodDraft>): void;
  onRemove(): void;
}

function PeriodFields({ period, number, onChange, onRemove }: PeriodFieldsProps) {
  const isTurned = period.starts !== "" && period.ends !== "" && period.ends <= period.starts;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that the dialog has no room for
    <div className={parts.period} role="group" aria-label={`Blackout ${number}`}>
      <TextInput
        type="datetime-local"
        label="From"
        value={period.starts}
        onChange={(event) => onChange({ starts: event.currentTarget.value })}
      />
      <TextInput
        type="datetime-local"
        label="Until"
        value={period.ends}
        onChange={(event) => onChange({ ends: event.currentTarget.value })}
        error={isTurned && "Ends before it begins"}
      />
      <TextInput
        label="Reason"
        placeholder="Year-end freeze"
        value={period.reason}
        onChange={(event) => onChange({ reason: event.currentTarget.value })}
        maxLength={200}
      />
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove blackout ${number}`} onClick={onRemove}>
        <IconX size={18} aria-hidden />
      </ActionIcon>
    </div>
  );
}
