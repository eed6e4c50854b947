/** What differs from one version of the plan to another. */

import { Group, Select, Skeleton, Text } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { $api } from "@/api/client";
import type { LoneItemOut, PlanComparisonOut, PlanEntry, WavePairOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { shortDay } from "@/ui/days";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { count, counted, share } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { stamp } from "@/ui/time";
import { Wishes } from "./Details";
import { usePlans } from "./PlanPage";
import classes from "./plans.module.css";

export function ComparePage() {
  const [search] = usePageSearch();
  const me = useMe();
  const list = usePlans();
  const versions = list.data?.items ?? [];
  const b = one(search, "b") ?? versions[0]?.id;
  const a = one(search, "a") ?? versions.find((version) => version.id !== b)?.id;
  const compared = $api.useQuery(
    "get",
    "/api/v1/plans/{plan_id}/compare/{other_id}",
    { params: { path: { plan_id: a ?? "", other_id: b ?? "" } } },
    { enabled: a !== undefined && b !== undefined },
  );
  const error = list.error ?? compared.error;
  return (
    <Page
      title="Compare plans"
      about={compared.data && about(compared.data)}
      actions={
        <ButtonLink variant="default" to="/e/$engagement/plan" params={{ engagement: me.engagement_id }}>
          To the plan
        </ButtonLink>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void compared.refetch()} />}
      {list.data && versions.length < 2 && <OnlyOne />}
      {versions.length > 1 && a && b && <Choice versions={versions} a={a} b={b} />}
      {compared.data ? <Comparison found={compared.data} /> : compared.isLoading && <Skeleton height={420} />}
    </Page>
  );
}

function about({ a, b, moved }: PlanComparisonOut): string {
  return `From version ${a.version} to version ${b.version}: ${counted(moved.length, "application")} moved`;
}

function OnlyOne() {
  const me = useMe();
  return (
    <Section>
      <Empty
        icon={IconArrowsDiff}
        title="There are no two versions yet"
        action={
          <ButtonLink to="/e/$engagement/plan" params={{ engagement: me.engagement_id }}>
            To the plan
          </ButtonLink>
        }
      >
        Each approval of a plan makes a version. Plan again, or roll the planning flow back, and compare what moved.
      </Empty>
    </Section>
  );
}

function Choice({ versions, a, b }: { versions: PlanEntry[]; a: string; b: string }) {
  const [, setSearch] = usePageSearch();
  const data = versions.map((version) => ({
    value: version.id,
    label: `Version ${version.version} · ${stamp(version.created_at)}`,
  }));
  return (
    <Group gap="md">
      <Select
        label="From"
        w={280}
        data={data}
        value={a}
        allowDeselect={false}
        onChange={(id) => setSearch({ a: id ?? undefined, b })}
      />
      <Select
        label="To"
        w={280}
        data={data}
        value={b}
        allowDeselect={false}
        onChange={(id) => setSearch({ a, b: id ?? undefined })}
      />
    </Group>
  );
}

function Comparison({ found }: { found: PlanComparisonOut }) {
  const { a, b, moved, objective } = found;
  return (
    <>
      <Section title="Dependencies across waves">
        <Text>
          {said(objective.a)} in version {a.version}, {said(objective.b)} in version {b.version}
          {verdict(objective.a, objective.b)}
        </Text>
      </Section>
      <Section title="Waves side by side" flush>
        <Waves found={found} />
      </Section>
      <Section title="Moved" aside={<Text c="dimmed">{moved.length}</Text>} flush={moved.length > 0}>
        {moved.length === 0 ? <Text c="dimmed">Everything is in the same wave.</Text> : <Moved found={found} />}
      </Section>
      <div className={classes.columns}>
        <Wishes title="Wishes met now" wishes={found.broken_wishes.fixed} none="No wish was met that was not before." />
        <Wishes title="Wishes newly broken" wishes={found.broken_wishes.new} none="No wish was broken anew." />
        <Lone title={`Only in version ${a.version}`} items={found.only_in_a} />
        <Lone title={`Only in version ${b.version}`} items={found.only_in_b} />
      </div>
    </>
  );
}

function said(objective: number | null): string {
  return objective === null ? "Not known" : share(objective);
}

function verdict(a: number | null, b: number | null): string {
  if (a === null || b === null) return ".";
  if (a === b) return ": no difference.";
  return b < a ? ": less runs between the two sites." : ": more runs between the two sites.";
}

function Waves({ found }: { found: PlanComparisonOut }) {
  const most = Math.max(1, ...found.waves.flatMap((pair) => [pair.a?.hours ?? 0, pair.b?.hours ?? 0]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.scroll} aria-label="Waves side by side" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Wave</th>
            <th scope="col">Version</th>
            <th scope="col">Days</th>
            <th scope="col" data-numeric>
              Servers
            </th>
            <th scope="col" data-numeric>
              Work
            </th>
            <th scope="col">Share of the fullest wave</th>
          </tr>
        </thead>
        <tbody>
          {found.waves.map((pair) => (
            <Pair key={pair.number} pair={pair} versions={[found.a.version, found.b.version]} most={most} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Pair({ pair, versions, most }: { pair: WavePairOut; versions: [number, number]; most: number }) {
  return [pair.a, pair.b].map((side, index) => (
    <tr key={index === 0 ? "a" : "b"}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={2}>
          Wave {pair.number}
        </th>
      )}
      <td>{versions[index]}</td>
      {side ? (
        <>
          <td>
            {shortDay(side.start)} to {shortDay(side.end)}
          </td>
          <td data-numeric>{count(side.servers)}</td>
          <td data-numeric>{count(side.hours)} h</td>
          <td>
            <span className={classes.wide} aria-hidden>
              <span
                className={classes.wideFill}
                data-side={index === 0 ? "a" : "b"}
                style={{ width: `${(100 * side.hours) / most}%` }}
              />
            </span>
          </td>
        </>
      ) : (
        <td colSpan={4}>It has no such wave.</td>
      )}
    </tr>
  ));
}

function Moved({ found }: { found: PlanComparisonOut }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.scroll} aria-label="Moved" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Application or server</th>
            <th scope="col">Version {found.a.version}</th>
            <th scope="col">Version {found.b.version}</th>
            <th scope="col">Direction</th>
          </tr>
        </thead>
        <tbody>
          {found.moved.map((item) => (
            <tr key={item.subject_id}>
              <td>{item.subject_name}</td>
              <td>Wave {item.from_wave}</td>
              <td>Wave {item.to_wave}</td>
              <td>{item.to_wave > item.from_wave ? "Later" : "Earlier"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Lone({ title, items }: { title: string; items: LoneItemOut[] }) {
  return (
    <Section title={title}>
      {items.length === 0 ? (
        <Text c="dimmed">Nothing.</Text>
      ) : (
        <ul className={classes.rows}>
          {items.map((item) => (
            <li key={item.subject_id}>
              {item.subject_name} · wave {item.wave}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
