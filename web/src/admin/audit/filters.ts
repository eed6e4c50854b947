/** What of the audit is shown, as the address says it and as the API is asked for it. */
import type { AuditEntryOut } from "@/api/schema";
import type { Cell } from "@/ui/csv";
import { one, type PageSearch } from "@/ui/search";

export interface AuditFilter {
  actor: string;
  action: string;
  outcome: "" | "done" | "refused";
  flow: string;
  from: string;
  to: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function filterOf(search: PageSearch): AuditFilter {
  const outcome = one(search, "outcome");
  return {
    actor: one(search, "actor") ?? "",
    action: one(search, "action") ?? "",
    outcome: outcome === "done" || outcome === "refused" ? outcome : "",
    flow: one(search, "flow") ?? "",
    from: one(search, "from") ?? "",
    to: one(search, "to") ?? "",
  };
}

/** Days are those of the reader's zone, the last one included; what is no id and no day is not asked for. */
export function queryOf({ actor, action, outcome, flow, from, to }: AuditFilter) {
  return {
    actor: actor.trim() || undefined,
    action: action.trim() || undefined,
    outcome: outcome || undefined,
    flow_id: UUID.test(flow.trim()) ? flow.trim() : undefined,
    from: DAY.test(from) ? midnight(from, 0) : undefined,
    to: DAY.test(to) ? midnight(to, 1) : undefined,
    limit: 100,
  };
}

function midnight(day: string, after: number): string {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year ?? 1970, (month ?? 1) - 1, (date ?? 1) + after).toISOString();
}

export function isFiltered(filter: AuditFilter): boolean {
  return Object.values(filter).some((value) => value !== "");
}

export const CSV_HEADERS = [
  "At (UTC)",
  "Who",
  "Through",
  "Action",
  "Outcome",
  "Code",
  "Message",
  "Flow",
  "Detail",
  "Request",
];

export function csvRow(entry: AuditEntryOut): Cell[] {
  return [
    entry.at,
    entry.actor,
    entry.through,
    entry.action,
    entry.outcome,
    entry.code,
    entry.message,
    entry.flow_id,
    detailSaid(entry.detail),
    entry.request_id,
  ];
}

export function detailSaid(detail: AuditEntryOut["detail"]): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${value}`)
    .join("; ");
}

/** "token:…", "session:…" in words. */
export function throughSaid(through: string): string {
  return through.split(":")[0] ?? through;
}
