import { $api } from "@/api/client";
import type { FlowTypeOut } from "@/api/schema";

/** The flow types that work here; undefined until they are known. */
export function useFlowTypes(): FlowTypeOut[] | undefined {
  return $api.useQuery("get", "/api/v1/flow-types", {}, { staleTime: Number.POSITIVE_INFINITY }).data?.items;
}
