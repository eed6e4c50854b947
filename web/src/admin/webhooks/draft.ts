/** A webhook while it is written, and what events are called. */
import type { DeliveryState, NewWebhook, WebhookOut } from "@/api/schema";
import { all, type PageSearch } from "@/ui/search";

export type EventKind = WebhookOut["kinds"][number];

/** What history calls what happens to a flow; without a kind that the API has it does not compile. */
const KINDS: Record<EventKind, true> = {
  flow_created: true,
  flow_registered: true,
  flow_started: true,
  phase_completed: true,
  phase_skipped: true,
  phase_retried: true,
  phase_waits: true,
  input_asked: true,
  input_supplied: true,
  gate_voted: true,
  gate_edited: true,
  gate_reminded: true,
  gate_approved: true,
  gate_rejected: true,
  gate_expired: true,
  pause_requested: true,
  flow_paused: true,
  flow_resumed: true,
  flow_retried: true,
  flow_rolled_back: true,
  flow_released: true,
  flow_rescued: true,
  flow_upgraded: true,
  flow_completed: true,
  flow_failed: true,
  flow_cancelled: true,
  flow_deleted: true,
  flow_restored: true,
};
export const EVENT_KINDS = Object.keys(KINDS) as EventKind[];

export interface WebhookDraft {
  url: string;
  description: string;
  kinds: EventKind[];
  flowTypes: string[];
}

export function draftOf(webhook: WebhookOut | undefined): WebhookDraft {
  return {
    url: webhook?.url ?? "",
    description: webhook?.description ?? "",
    kinds: webhook?.kinds ?? [],
    flowTypes: webhook?.flow_types ?? [],
  };
}

export function bodyOf({ url, description, kinds, flowTypes }: WebhookDraft): NewWebhook {
  return { url: url.trim(), description: description.trim(), kinds, flow_types: flowTypes };
}

/** Whether the browser reads it as an address of the web; the server looks closer. */
export function isAddress(url: string): boolean {
  return URL.canParse(url.trim()) && /^https?:/.test(url.trim());
}

const STATES: readonly DeliveryState[] = ["pending", "delivered", "failed"];

export function stateOf(search: PageSearch): DeliveryState | undefined {
  return STATES.find((state) => all(search, "state").includes(state));
}
