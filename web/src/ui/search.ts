/** What a page shows is in its address: texts, repeated where there are several. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type PageSearch = Record<string, string | string[] | undefined>;

export function parseSearch(query: string): PageSearch {
  const search: PageSearch = {};
  for (const [key, value] of new URLSearchParams(query)) {
    const known = search[key];
    search[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return search;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(key, String(one));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** The first text under a name. */
export function one(search: PageSearch, key: string): string | undefined {
  const value = search[key];
  return Array.isArray(value) ? value[0] : value;
}

/** All texts under a name. */
export function all(search: PageSearch, key: string): string[] {
  const value = search[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The search of the address, and how to change parts of it; undefined takes a part out. */
export function usePageSearch(): [PageSearch, (change: PageSearch) => void] {
  const search = useSearch({ strict: false }) as PageSearch;
  const navigate = useNavigate();
  const change = useCallback(
    (part: PageSearch) =>
      void navigate({
        to: ".",
        search: ((now: PageSearch) => ({ ...now, ...part })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return [search, change];
}
