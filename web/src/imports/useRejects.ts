/** What could not be used of a file; the schema leaves the body open, since it comes as JSON or as CSV. */
import { $api } from "@/api/client";
import type { RejectsOut } from "@/api/schema";

export function useRejects(importId: string) {
  const { data, error, refetch } = $api.useQuery("get", "/api/v1/imports/{import_id}/rejects", {
    params: { path: { import_id: importId } },
  });
  return { rejects: data === undefined ? null : (data as RejectsOut).items, error, refetch };
}
