/** Which answers an event makes old. */
import type { Query, QueryClient } from "@tanstack/react-query";
import type { LiveEvent } from "./live";

const ALWAYS = ["/api/v1/flows", "/api/v1/gates", "/api/v1/inbox"];
const BULK = "/api/v1/flows/bulk";
const MADE_BY_PHASES = [
  "imports",
  "learned-headers",
  "assets",
  "applications",
  "conflicts",
  "dependencies",
  "assessments",
  "plans",
  "artifacts",
];
const PUBLISHING = new Set(["phase_completed", "phase_skipped", "gate_approved", "flow_completed", "flow_rolled_back"]);

/** Whether an event makes the answer to a query old. */
function touches(event: LiveEvent, key: readonly unknown[]): boolean {
  const [, path, init] = key as [string, string?, { params?: { path?: { flow_id?: string } } }?];
  if (typeof path !== "string") return false;
  if (event.kind === "bulk_job") return path.startsWith(BULK);
  const flow = init?.params?.path?.flow_id;
  if (flow !== undefined) return flow === event.flow_id;
  if (ALWAYS.some((prefix) => path.startsWith(prefix))) return true;
  if (event.kind === "flow_created" && path.startsWith("/api/v1/schedules")) return true;
  return PUBLISHING.has(event.kind) && MADE_BY_PHASES.some((noun) => path.startsWith(`/api/v1/${noun}`));
}

/** Collects what events touched and has it read again at once, however many came. */
export class Freshness {
  private readonly client: QueryClient;
  private readonly restMs: number;
  private waiting: LiveEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: QueryClient, restMs = 150) {
    this.client = client;
    this.restMs = restMs;
  }

  event(event: LiveEvent): void {
    if (event.kind === "progress") {
      this.progress(event);
      return;
    }
    this.waiting.push(event);
    this.timer ??= setTimeout(() => this.flush(), this.restMs);
  }

  everything(): void {
    void this.client.invalidateQueries();
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private flush(): void {
    const events = this.waiting;
    this.waiting = [];
    this.timer = null;
    void this.client.invalidateQueries({
      predicate: (query: Query) => events.some((event) => touches(event, query.queryKey)),
    });
  }

  private progress(event: LiveEvent): void {
    this.client.setQueriesData<{ flow_id?: string; progress?: unknown }>(
      { predicate: ({ queryKey }) => queryKey[1] === "/api/v1/flows/{flow_id}" && touches(event, queryKey) },
      (flow) => flow && { ...flow, progress: progressOf(event.data) },
    );
    this.client.setQueriesData<{ pages?: { items: { flow_id: string }[] }[] }>(
      { predicate: ({ queryKey }) => queryKey[1] === "/api/v1/flows" },
      (list) => {
        if (!list?.pages?.some((page) => page.items.some((flow) => flow.flow_id === event.flow_id))) return list;
        return { ...list, pages: list.pages.map((page) => inPage(page, event)) };
      },
    );
  }
}

function inPage(page: { items: { flow_id: string }[] }, event: LiveEvent) {
  const items = page.items.map((flow) =>
    flow.flow_id === event.flow_id ? { ...flow, progress: progressOf(event.data) } : flow,
  );
  return { ...page, items };
}

function progressOf(data: Record<string, unknown>) {
  const { phase, done, total, what } = data;
  return { phase, done, total, what };
}
