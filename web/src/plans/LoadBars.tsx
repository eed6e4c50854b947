/** How full a wave is, in each respect and with its unit. */
import { Stack, Text } from "@mantine/core";
import { count, counted } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import { type BoardWave, isOver, type Load } from "./board";
import classes from "./plans.module.css";

export function LoadBars({ wave }: { wave: BoardWave }) {
  const over = [
    isOver(wave.hours) && "hours",
    isOver(wave.servers) && "servers",
    isOver(wave.storageGb) && "storage",
  ].filter((one) => one !== false);
  return (
    <Stack gap={4}>
      <LoadBar label="Work" unit="h" load={wave.hours} />
      <LoadBar label="Servers" unit="" load={wave.servers} />
      <LoadBar label="Storage" unit="GB" load={wave.storageGb} />
      {over.length > 0 && <Tone tone="bad">Over its {over.join(" and ")}</Tone>}
    </Stack>
  );
}

function LoadBar({ label, unit, load }: { label: string; unit: string; load: Load }) {
  const said = load.capacity === null ? count(load.used) : `${count(load.used)} of ${count(load.capacity)}`;
  return (
    <div className={classes.load}>
      <Text component="span" size="xs" c="dimmed">
        {label}
      </Text>
      {load.capacity === null ? (
        <span className={classes.unlimited} title="Not limited" />
      ) : (
        <span className={classes.meter} data-over={isOver(load) || undefined}>
          <span style={{ width: `${Math.min(100, (100 * load.used) / Math.max(load.capacity, 1))}%` }} />
        </span>
      )}
      <span className="mf-number">
        {said}
        {unit && ` ${unit}`}
      </span>
    </div>
  );
}

/** "728 of 2,097 h". */
export function hoursSaid(load: Load): string {
  return load.capacity === null ? counted(load.used, "hour") : `${count(load.used)} of ${count(load.capacity)} h`;
}
