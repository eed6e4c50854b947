/** The next times of a timetable, and what its calendar makes of them. */
import { Skeleton, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "@/api/client";
import type { Timing, UpcomingOut } from "@/api/schema";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import parts from "../parts/parts.module.css";
import { timeIn } from "./draft";

const SHOWN = 6;
const TYPING_MS = 400;

export function Upcoming({ timing }: { timing: Timing }) {
  const [asked] = useDebouncedValue(timing, TYPING_MS);
  const preview = $api.useQuery(
    "post",
    "/api/v1/schedules/preview",
    { params: { query: { count: SHOWN } }, body: asked },
    { placeholderData: keepPreviousData, retry: false, staleTime: 30_000 },
  );
  const zone = asked.time_zone ?? "UTC";
  if (preview.error) return <ProblemNote error={preview.error} />;
  if (!preview.data) return <Skeleton height={150} />;
  if (preview.data.items.length === 0) return <Text c="dimmed">It never runs.</Text>;
  return (
    <div aria-live="polite">
      <Text size="sm" c="dimmed" mb="sm">
        By the clocks of {zone}
      </Text>
      <ol className={parts.rows}>
        {preview.data.items.map((one) => (
          <li key={one.due_at}>
            <Time one={one} zone={zone} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Time({ one, zone }: { one: UpcomingOut; zone: string }) {
  return (
    <Text size="md" component="div">
      <span className="mf-number">{timeIn(zone, one.due_at)}</span>{" "}
      <Text span size="sm" c="dimmed">
        <When at={one.due_at} />
      </Text>
      {one.blackout && (
        <div>
          <Tone tone="wait">
            {one.runs_at ? `${one.blackout}: made at ${timeIn(zone, one.runs_at)}` : `${one.blackout}: left out`}
          </Tone>
        </div>
      )}
    </Text>
  );
}
