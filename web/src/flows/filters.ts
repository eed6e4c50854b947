/** Which flows the list shows, as the address says it and as the API is asked for it. */
import type { FlowStatus, paths } from "@/api/schema";
import { all, one, type PageSearch } from "@/ui/search";

export type FlowsQuery = NonNullable<paths["/api/v1/flows"]["get"]["parameters"]["query"]>;

export interface FlowFilter {
  statuses: FlowStatus[];
  types: string[];
  search: string;
  isMine: boolean;
  isDeleted: boolean;
}

export const STATUSES: readonly FlowStatus[] = [
  "running",
  "waiting_for_approval",
  "waiting_for_input",
  "failed",
  "paused",
  "initialized",
  "completed",
  "cancelled",
];

const PAGE = 100;

export function filterOf(search: PageSearch): FlowFilter {
  return {
    statuses: all(search, "status").filter(isStatus),
    types: all(search, "type"),
    search: one(search, "q") ?? "",
    isMine: one(search, "mine") === "yes",
    isDeleted: one(search, "deleted") === "yes",
  };
}

function isStatus(text: string): text is FlowStatus {
  return (STATUSES as readonly string[]).includes(text);
}

/** What the API is asked for; only what narrows the list is named. */
export function queryOf(filter: FlowFilter): FlowsQuery {
  return {
    limit: PAGE,
    ...(filter.statuses.length > 0 && { status: filter.statuses }),
    ...(filter.types.length > 0 && { flow_type: filter.types }),
    ...(filter.search && { search: filter.search }),
    ...(filter.isMine && { created_by: "me" as const }),
    ...(filter.isDeleted && { include_deleted: true }),
  };
}

export function isNarrowed(filter: FlowFilter): boolean {
  return filter.statuses.length + filter.types.length > 0 || filter.search !== "" || filter.isMine;
}

/** The address without any filter. */
export const NO_FILTER: PageSearch = {
  status: undefined,
  type: undefined,
  q: undefined,
  mine: undefined,
  deleted: undefined,
};
