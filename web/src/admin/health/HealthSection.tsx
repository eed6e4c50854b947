/** Whether the server can work, and which one it is. */
import { Anchor, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { Ready } from "@/api/schema";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone, type ToneName } from "@/ui/Tone";
import { Stamp } from "@/ui/When";
import { spoken } from "@/ui/words";
import parts from "../parts/parts.module.css";

const DESCRIPTION = "/openapi.json";

const STATES: Record<string, { tone: ToneName; says: string }> = {
  ready: { tone: "good", says: "Everything works." },
  degraded: { tone: "wait", says: "Pages can be read, but no worker moves flows." },
  unavailable: { tone: "bad", says: "Nothing can be read." },
};

export function HealthSection() {
  const health = useQuery({ queryKey: ["get", "/health/ready"], queryFn: readiness, staleTime: 0 });
  const state = STATES[health.data?.status ?? ""];
  const refresh = (
    <Button
      size="compact-md"
      variant="default"
      leftSection={<IconRefresh size={16} aria-hidden />}
      loading={health.isFetching}
      onClick={() => void health.refetch()}
    >
      Look again
    </Button>
  );
  return (
    <>
      <Section title="Readiness" aside={refresh}>
        {health.isPending && <Skeleton height={120} />}
        {health.error && <ProblemNote error={health.error} />}
        {health.data && (
          <div aria-live="polite">
            <Group gap="sm" mb="md">
              {state && <Tone tone={state.tone}>{spoken(health.data.status)}</Tone>}
              <Text size="md">{state?.says}</Text>
            </Group>
            <dl className={parts.pairs}>
              {health.data.checks.map((check) => (
                <Check key={check.name} {...check} />
              ))}
              <dt>Looked at</dt>
              <dd>
                <Stamp at={new Date(health.dataUpdatedAt).toISOString()} />
              </dd>
            </dl>
          </div>
        )}
      </Section>
      <About />
    </>
  );
}

function Check({ name, ok, says }: Ready["checks"][number]) {
  return (
    <>
      <dt>{spoken(name)}</dt>
      <dd>
        <Group gap="sm" component="span">
          <Tone tone={ok ? "good" : "bad"}>{ok ? "Works" : "Does not work"}</Tone>
          <span>{says}</span>
        </Group>
      </dd>
    </>
  );
}

function About() {
  return (
    <Section title="This server">
      <dl className={parts.pairs}>
        <dt>Version</dt>
        <dd>{version()}</dd>
        <dt>Documents</dt>
        <dd>
          In the folder <code>docs</code> of the release: the tutorial, how to operate it, and the reference.
        </dd>
        <dt>The API</dt>
        <dd>
          <Anchor href={DESCRIPTION} target="_blank" rel="noreferrer">
            Every call, as OpenAPI 3.1
          </Anchor>
        </dd>
        <dt>Metrics</dt>
        <dd>
          <code>GET /metrics</code>, in Prometheus' text form
        </dd>
      </dl>
    </Section>
  );
}

/** A server that is not ready answers with 503 and the same list. */
async function readiness(): Promise<Ready> {
  try {
    const { data } = await api.GET("/health/ready");
    if (data) return data;
  } catch (error) {
    if (error instanceof ApiProblem && "checks" in error.problem) return error.problem as unknown as Ready;
    throw error;
  }
  throw new Error("the server said nothing of its health");
}

/** The release that served this page. */
function version(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=version]")?.content ?? "not told";
}
