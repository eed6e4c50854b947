/** Who needs an application and whom it needs. */
import { Group, Skeleton, Text } from "@mantine/core";
import { $api } from "@/api/client";
import type { DependencyOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { count, share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { spoken } from "@/ui/words";
import classes from "./assessments.module.css";
import { StrategyTag } from "./StrategyTag";
import type { Assessment } from "./useAssessment";

const PAGE = 200;

export interface DependenciesProps {
  of: string;
  assessment: Assessment;
  names: ReadonlyMap<string, string>;
}

export function Dependencies({ of, assessment, names }: DependenciesProps) {
  const { data, error, refetch } = $api.useQuery("get", "/api/v1/dependencies", {
    params: { query: { of, limit: PAGE } },
  });
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={160} />;
  const needs = data.items.filter((one) => one.source_id === of);
  const neededBy = data.items.filter((one) => one.target_id === of);
  return (
    <div className={classes.sheet}>
      <Section title="It needs" aside={<Total value={needs.length} />}>
        <Ends
          list={needs}
          end={(one) => one.target_id}
          assessment={assessment}
          names={names}
          none="It needs nothing."
        />
      </Section>
      <Section title="It is needed by" aside={<Total value={neededBy.length} />}>
        <Ends
          list={neededBy}
          end={(one) => one.source_id}
          assessment={assessment}
          names={names}
          none="Nothing is known to need it."
        />
      </Section>
    </div>
  );
}

function Total({ value }: { value: number }) {
  return (
    <Text size="md" c="dimmed" className="mf-number">
      {value === PAGE ? `first ${count(PAGE)}` : count(value)}
    </Text>
  );
}

interface EndsProps {
  list: DependencyOut[];
  end(one: DependencyOut): string;
  assessment: Assessment;
  names: ReadonlyMap<string, string>;
  none: string;
}

function Ends({ list, end, assessment, names, none }: EndsProps) {
  const me = useMe();
  const known = new Map(assessment.recommendations.map((one) => [one.subject_id, one]));
  if (list.length === 0) return <Text c="dimmed">{none}</Text>;
  return (
    <ul className={classes.rows}>
      {list.map((one) => {
        const id = end(one);
        const subject = known.get(id);
        return (
          <li key={`${id}${one.port}${one.protocol}${one.kind}`}>
            <Group justify="space-between" gap="sm">
              {subject ? (
                <AnchorLink
                  to="/e/$engagement/assessment/$assessmentId/$subjectId"
                  params={{ engagement: me.engagement_id, assessmentId: assessment.id, subjectId: id }}
                  fw={600}
                >
                  {subject.subject_name}
                </AnchorLink>
              ) : (
                <Text fw={600}>{names.get(id) ?? "Not in this assessment"}</Text>
              )}
              {subject && (
                <Text component="span" size="sm">
                  <StrategyTag strategy={subject.strategy} />
                </Text>
              )}
            </Group>
            <Text size="sm" c="dimmed">
              {spoken(one.kind)} dependency
              {one.port !== null && ` · port ${one.port}${one.protocol ? `/${one.protocol}` : ""}`}
              {one.connections !== null && ` · ${count(one.connections)} connections`} · confidence{" "}
              {share(one.confidence)}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}
