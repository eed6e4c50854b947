/** The freezes that a planning flow was told of. */
import { useMemo } from "react";
import { $api } from "@/api/client";
import { type FrozenSpan, freezesOf } from "./calendar";

export function useFreezes(flowId: string | undefined): FrozenSpan[] {
  const { data } = $api.useQuery(
    "get",
    "/api/v1/flows/{flow_id}",
    { params: { path: { flow_id: flowId ?? "" } } },
    { enabled: flowId !== undefined },
  );
  return useMemo(() => freezesOf(data?.config), [data]);
}
