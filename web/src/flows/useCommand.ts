/** Commands on one flow: sent, told in a word, and everything they change read again. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { FlowOut } from "@/api/schema";
import type { CommandName } from "./commands";

export interface Order {
  command: CommandName;
  reason: string | null;
  phase?: string;
  config?: Record<string, unknown>;
}

const DONE: Record<CommandName, string> = {
  execute: "The flow starts.",
  pause: "The flow pauses at its next boundary.",
  pauseAtOnce: "The flow is paused.",
  resume: "The flow runs on.",
  retry: "The flow runs again.",
  rollback: "The flow went back and runs again.",
  skip: "The phase is skipped; the flow runs on.",
  cancel: "The flow is cancelled.",
  delete: "The flow is deleted. It can be restored.",
  restore: "The flow is back in the lists.",
};

export function useCommand(flow: FlowOut, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: Order) => sendOrder(flow, order),
    onSuccess: async (_, order) => {
      notifications.show({ message: DONE[order.command] });
      onDone();
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/v1/flows"),
      });
    },
  });
}

/** A command that decides on what is seen is refused if the flow has moved since. */
async function sendOrder(flow: FlowOut, { command, reason, phase, config = {} }: Order): Promise<unknown> {
  const path = { flow_id: flow.flow_id };
  const seen = { path, header: { "if-match": `"${flow.version}"` } };
  switch (command) {
    case "execute":
      return api.POST("/api/v1/flows/{flow_id}/execute", { params: seen, body: { reason } });
    case "pause":
    case "pauseAtOnce":
      return api.POST("/api/v1/flows/{flow_id}/pause", {
        params: { path },
        body: { reason, at_once: command === "pauseAtOnce" },
      });
    case "resume":
      return api.POST("/api/v1/flows/{flow_id}/resume", { params: seen, body: { reason } });
    case "retry":
      return api.POST("/api/v1/flows/{flow_id}/retry", {
        params: seen,
        body: { reason, phase: phase ?? null, config },
      });
    case "rollback":
      return api.POST("/api/v1/flows/{flow_id}/rollback", {
        params: seen,
        body: { reason, phase: phase ?? "", config },
      });
    case "skip":
      return api.POST("/api/v1/flows/{flow_id}/skip", { params: seen, body: { reason } });
    case "cancel":
      return api.POST("/api/v1/flows/{flow_id}/cancel", { params: { path }, body: { reason } });
    case "delete":
      return api.DELETE("/api/v1/flows/{flow_id}", { params: seen });
    case "restore":
      return api.POST("/api/v1/flows/{flow_id}/restore", { params: seen, body: { reason } });
  }
}
