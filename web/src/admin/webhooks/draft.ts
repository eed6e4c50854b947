/** A webhook while it is written, and what events are called. */
import type { DeliveryState, NewWebhook, WebhookOut } from "@/api/schema";
import { all, type PageSearch } from "@/ui/search";

/** What history calls what happens to a flow; the server refuses a name that it does not know. */
export const EVENT_KINDS = [
  "flow_created",
  "flow_registered",
  "flow_started",
  "phase_completed",
  "phase_skipped",
  "phase_retried",
  "phase_waits",
  "input_asked",
  "input_supplied",
  "gate_voted",
  "gate_edited",
  "gate_reminded",
  "gate_approved",
  "gate_rejected",
  "gate_expired",
  "pause_requested",
  "flow_paused",
  "flow_resumed",
  "flow_retried",
  "flow_rolled_back",
  "flow_released",
  "flow_rescued",
  "flow_upgraded",
  "flow_completed",
  "flow_failed",
  "flow_cancelled",
  "flow_deleted",
  "flow_restored",
] as const;

export interface WebhookDraft {
  url: string;
  description: string;
  kinds: string[];
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
