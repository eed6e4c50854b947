/** Uploaded files in words. */
import type { ImportOut } from "@/api/schema";
import type { ToneName } from "@/ui/Tone";

export function rowsOf(file: Pick<ImportOut, "profile">): number | null {
  return file.profile === null ? null : file.profile.sheets.reduce((sum, sheet) => sum + sheet.rows, 0);
}

/** How far a file came: a newer file may stand for it, an approved discovery may have built on it. */
export function stateOf(file: Pick<ImportOut, "status" | "replaced_at" | "published_at">): {
  tone: ToneName;
  words: string;
} {
  if (file.status === "unreadable") return { tone: "bad", words: "Cannot be read" };
  if (file.replaced_at) return { tone: "rest", words: "Replaced by a newer file" };
  if (file.published_at) return { tone: "good", words: "In the inventory" };
  if (file.status === "read") return { tone: "rest", words: "Read, not approved" };
  return { tone: "wait", words: "Not used yet" };
}

/** What a discovery of some files is called: "servers.csv", "servers.csv and 2 more". */
export function discoveryName(names: readonly string[]): string {
  const [first, ...more] = names;
  if (first === undefined) return "Discovery";
  return more.length === 0 ? `Discovery of ${first}` : `Discovery of ${first} and ${more.length} more`;
}
