/** Ranks of a graph: each node stands one after the last of those that need it; what closes a circle is left aside. */
interface Pair {
  source: string;
  target: string;
}

const SWEEPS = 3; // there and back

export function ranksOf(ids: readonly string[], edges: readonly Pair[]): string[][] {
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { source, target } of edges) next.get(source)?.push(target);
  const ordered = topological(ids, next);
  const place = new Map(ordered.map((id, index) => [id, index]));
  const rank = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const id of ordered) {
    for (const target of next.get(id) ?? []) {
      const isForward = (place.get(target) ?? 0) > (place.get(id) ?? 0);
      if (isForward) rank.set(target, Math.max(rank.get(target) ?? 0, (rank.get(id) ?? 0) + 1));
    }
  }
  const found: string[][] = [];
  for (const id of ids) {
    const at = rank.get(id) ?? 0;
    while (found.length <= at) found.push([]);
    found[at]?.push(id);
  }
  return found.filter((one) => one.length > 0);
}

/** Depth first, without recursion: a chain may be as long as the estate. */
function topological(ids: readonly string[], next: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set<string>();
  const done: string[] = [];
  for (const start of ids) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ id: start, at: 0 }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const target = next.get(top.id)?.[top.at++];
      if (target === undefined) {
        done.push(top.id);
        path.pop();
      } else if (!seen.has(target)) {
        seen.add(target);
        path.push({ id: target, at: 0 });
      }
    }
  }
  return done.reverse();
}

/** The ranks, each ordered so that nodes stand near what they are linked with. */
export function inOrder(ranks: string[][], edges: readonly Pair[]): string[][] {
  const linked = new Map<string, string[]>();
  for (const { source, target } of edges) {
    linked.set(source, linked.get(source) ?? []);
    linked.set(target, linked.get(target) ?? []);
    linked.get(source)?.push(target);
    linked.get(target)?.push(source);
  }
  const found = [...ranks];
  const height = new Map<string, number>();
  for (const rank of found) spread(rank, height);
  const middle = (id: string) => {
    const ends = linked.get(id) ?? [];
    const sum = ends.reduce((total, end) => total + (height.get(end) ?? 0), 0);
    return ends.length > 0 ? sum / ends.length : (height.get(id) ?? 0);
  };
  const there = found.map((_, index) => index).slice(1);
  const back = found
    .map((_, index) => index)
    .slice(0, -1)
    .reverse();
  for (const at of Array.from({ length: SWEEPS }, () => [...there, ...back]).flat()) {
    const weighed = (found[at] ?? []).map((id) => ({ id, weight: middle(id) }));
    found[at] = weighed.sort((one, other) => one.weight - other.weight).map(({ id }) => id);
    spread(found[at], height);
  }
  return found;
}

/** Note how far down its rank each node stands, 0 to 1. */
function spread(rank: readonly string[], height: Map<string, number>): void {
  rank.forEach((id, index) => {
    height.set(id, (index + 0.5) / rank.length);
  });
}
