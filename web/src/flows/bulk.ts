/** Commands on many flows in words. */
import type { BulkCommand, BulkJobOut } from "@/api/schema";
import { counted } from "@/ui/numbers";

export interface CommandWords {
  name: BulkCommand;
  label: string;
  done: string;
}

export const COMMANDS: readonly CommandWords[] = [
  { name: "pause", label: "Pause", done: "paused" },
  { name: "resume", label: "Resume", done: "resumed" },
  { name: "retry", label: "Retry", done: "retried" },
  { name: "cancel", label: "Cancel", done: "cancelled" },
  { name: "delete", label: "Delete", done: "deleted" },
];

const RESTORE: CommandWords = { name: "restore", label: "Restore", done: "restored" };

export function wordsOf(command: BulkCommand): CommandWords {
  return COMMANDS.find((one) => one.name === command) ?? RESTORE;
}

type Tally = Pick<BulkJobOut, "command" | "items" | "done" | "refused" | "failed" | "cancelled" | "left">;

/** How far a job is, in a sentence. */
export function tallyOf(job: Tally): string {
  const parts = [`${counted(job.done, "flow")} ${wordsOf(job.command).done}`];
  if (job.refused > 0) parts.push(`${job.refused} refused`);
  if (job.failed > 0) parts.push(`${job.failed} failed`);
  if (job.cancelled > 0) parts.push(`${job.cancelled} left as they were`);
  if (job.left > 0) parts.push(`${job.left} to go`);
  return `${parts.join(", ")}.`;
}

export function shareOf(job: Tally): number {
  return job.items === 0 ? 1 : (job.items - job.left) / job.items;
}

/** What a dry run says: how many would be moved, of how many. */
export function countedFirst(command: BulkCommand, wouldMove: number, selected: number): string {
  const { done } = wordsOf(command);
  if (wouldMove === 0) return `None of ${counted(selected, "flow")} can be ${done}.`;
  if (wouldMove === selected) return `${counted(selected, "flow")} will be ${done}.`;
  return `${wouldMove} of ${counted(selected, "flow")} will be ${done}.`;
}
