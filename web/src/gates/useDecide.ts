/** Gives an answer to a gate and has everything that it changes read again. */
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { $api } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { Decision, GateOut } from "@/api/schema";

const CHANGED = ["/api/v1/gates", "/api/v1/inbox", "/api/v1/flows"];

export function useFresh(): () => Promise<void> {
  const client = useQueryClient();
  return () =>
    client.invalidateQueries({
      predicate: ({ queryKey: [, path] }) =>
        typeof path === "string" && CHANGED.some((prefix) => path.startsWith(prefix)),
    });
}

export function useDecide(gate: GateOut, onDone: () => void) {
  const fresh = useFresh();
  const decision = $api.useMutation("post", "/api/v1/gates/{gate_id}/decision", {
    onSuccess: () => {
      onDone();
      void fresh();
    },
    onError: (error) => {
      if (isOutdated(error)) void fresh();
    },
  });
  return {
    give: (body: Decision) =>
      decision.mutate(
        { params: { path: { gate_id: gate.id } }, body },
        { onSuccess: () => notifications.show({ message: said(body), closeButtonProps: { "aria-label": "Close" } }) },
      ),
    error: decision.error as unknown,
    isPending: decision.isPending,
  };
}

/** Whether a refusal says that the gate is not any more what the reader saw. */
export function isOutdated(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 409 || error.status === 412);
}

function said({ verdict, edits }: Decision): string {
  if (verdict === "reject") return "Rejected. The flow goes back with your reason.";
  return edits && edits.length > 0 ? "Approved with your edits." : "Approved.";
}
