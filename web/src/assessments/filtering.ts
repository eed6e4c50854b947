/** Which subjects and servers a reader asked for, and how ready a subject is. Pure. */
import type { Readiness, ServerAssessmentOut, SupportStatus } from "@/api/schema";
import { all, one as first, type PageSearch } from "@/ui/search";
import { isOverridden, type Subject } from "./proposals";
import { READINESS_ORDER } from "./words";

export interface Filter {
  text: string;
  strategies: string[];
  readiness: string[];
  support: string[];
  onlyOverridden: boolean;
}

export function filterOf(search: PageSearch): Filter {
  return {
    text: first(search, "q") ?? "",
    strategies: all(search, "strategy"),
    readiness: all(search, "readiness"),
    support: all(search, "support"),
    onlyOverridden: first(search, "overridden") === "yes",
  };
}

export function fitting<One extends Subject>(
  subjects: readonly One[],
  filter: Filter,
  readiness: ReadonlyMap<string, Readiness>,
): One[] {
  const wanted = filter.text.trim().toLocaleLowerCase();
  return subjects.filter(
    (one) =>
      (wanted === "" || one.name.toLocaleLowerCase().includes(wanted)) &&
      (filter.strategies.length === 0 || filter.strategies.includes(one.strategy)) &&
      (filter.readiness.length === 0 || filter.readiness.includes(readiness.get(one.id) ?? "unknown")) &&
      (!filter.onlyOverridden || isOverridden(one)),
  );
}

export function fittingServers(servers: readonly ServerAssessmentOut[], filter: Filter): ServerAssessmentOut[] {
  const wanted = filter.text.trim().toLocaleLowerCase();
  return servers.filter(
    (one) =>
      (wanted === "" || `${one.name} ${one.operating_system}`.toLocaleLowerCase().includes(wanted)) &&
      (filter.readiness.length === 0 || filter.readiness.includes(one.readiness)) &&
      (filter.support.length === 0 || filter.support.includes(one.support_at_move)),
  );
}

/** How ready each subject is: as its worst server. A subject without assessed servers is left out. */
export function readinessBySubject(
  subjects: readonly Subject[],
  servers: readonly ServerAssessmentOut[],
  members: ReadonlyMap<string, readonly string[]>,
): Map<string, Readiness> {
  const byAsset = new Map(servers.map((server) => [server.asset_id, server.readiness]));
  const found = new Map<string, Readiness>();
  for (const subject of subjects) {
    const its = new Set((members.get(subject.id) ?? [subject.id]).map((asset) => byAsset.get(asset)));
    const worst = READINESS_ORDER.find((one) => its.has(one));
    if (worst) found.set(subject.id, worst);
  }
  return found;
}

export function countBy<Key extends string>(values: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

export function supportCounts(servers: readonly ServerAssessmentOut[]) {
  return {
    today: countBy<SupportStatus>(servers.map((one) => one.support_today)),
    atMove: countBy<SupportStatus>(servers.map((one) => one.support_at_move)),
  };
}

type Order = "name" | "strategy" | "confidence" | "complexity" | "servers" | "completeness";
const ORDERS: readonly string[] = ["name", "strategy", "confidence", "complexity", "servers", "completeness"];

/** Subjects in the order of the address, such as `-confidence`; by name without one. */
export function sorted<One extends Subject>(subjects: readonly One[], sort: string | undefined): One[] {
  const descending = sort?.startsWith("-");
  const key = sort?.replace(/^-/, "") ?? "name";
  const order = (ORDERS.includes(key) ? key : "name") as Order;
  const sign = descending ? -1 : 1;
  return [...subjects].sort((a, b) => {
    const [left, right] = [a[order], b[order]];
    const difference =
      typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right));
    return difference === 0 ? a.name.localeCompare(b.name) : sign * difference;
  });
}
