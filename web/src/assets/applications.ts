/** All applications of the engagement, and which asset belongs to which. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/api/client";
import type { ApplicationOut } from "@/api/schema";

const PAGE = 200;

async function everyApplication(signal: AbortSignal): Promise<ApplicationOut[]> {
  const found: ApplicationOut[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await api.GET("/api/v1/applications", { params: { query: { limit: PAGE, cursor } }, signal });
    found.push(...(data?.items ?? []));
    cursor = data?.cursor ?? undefined;
  } while (cursor);
  return found;
}

export interface Belonging {
  id: string;
  name: string;
}

/** By asset, the applications that it belongs to, by name. */
export function byAsset(applications: readonly ApplicationOut[]): Map<string, Belonging[]> {
  const found = new Map<string, Belonging[]>();
  for (const { id, name, asset_ids } of applications) {
    for (const asset of asset_ids) found.set(asset, [...(found.get(asset) ?? []), { id, name }]);
  }
  return found;
}

export function useApplications() {
  const { data } = useQuery({
    queryKey: ["get", "/api/v1/applications", { every: true }],
    queryFn: ({ signal }) => everyApplication(signal),
  });
  return useMemo(() => {
    const every = data ?? [];
    return {
      isKnown: data !== undefined,
      ofAsset: byAsset(every),
      names: new Map(every.map(({ id, name }) => [id, name])),
    };
  }, [data]);
}
