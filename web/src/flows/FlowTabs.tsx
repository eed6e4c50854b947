/** The parts of a flow, one at a time: results, history, files, log, configuration. */
import { SegmentedControl, Skeleton, Tabs, Text } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import type { EventOut, FlowOut, FlowTypeOut, ResultOut } from "@/api/schema";
import { Empty } from "@/ui/Empty";
import { Section } from "@/ui/Page";
import { Json, Readable } from "@/ui/Readable";
import { schemaFrom } from "@/ui/schema";
import { one, usePageSearch } from "@/ui/search";
import { Span, Stamp } from "@/ui/When";
import { ArtifactsTab } from "./ArtifactsTab";
import { HistoryTab } from "./HistoryTab";
import { LogTab } from "./LogTab";

export interface FlowTabsProps {
  flow: FlowOut;
  type: FlowTypeOut | undefined;
  events: readonly EventOut[];
  results: readonly ResultOut[] | undefined;
  phase: string | null;
}

const TABS = ["results", "history", "files", "log", "configuration"];

export function FlowTabs({ flow, type, events, results, phase }: FlowTabsProps) {
  const [search, change] = usePageSearch();
  const asked = one(search, "tab") ?? "";
  const tab = TABS.includes(asked) ? asked : "results";
  return (
    <Tabs value={tab} onChange={(next) => change({ tab: next ?? undefined })} keepMounted={false}>
      <Tabs.List mb="lg">
        <Tabs.Tab value="results">Results</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
        <Tabs.Tab value="files">Files</Tabs.Tab>
        <Tabs.Tab value="log">Log</Tabs.Tab>
        <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="results">
        <ResultPanel flow={flow} type={type} results={results} phase={phase} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <HistoryTab events={events} type={type} />
      </Tabs.Panel>
      <Tabs.Panel value="files">
        <ArtifactsTab flow={flow} type={type} />
      </Tabs.Panel>
      <Tabs.Panel value="log">
        <LogTab events={events} isLive={flow.status === "running"} />
      </Tabs.Panel>
      <Tabs.Panel value="configuration">
        <Shown title="Configuration" value={flow.config} schema={type?.config} />
      </Tabs.Panel>
    </Tabs>
  );
}

function ResultPanel({ flow, type, results, phase }: Omit<FlowTabsProps, "events">) {
  if (!results) return <Skeleton height={240} aria-label="Loading results" />;
  const result = results.find((one) => one.phase === phase);
  const declared = type?.phases.find((one) => one.name === phase);
  if (!result) {
    const isNow = phase === flow.current_phase && flow.status === "running";
    return (
      <Section>
        <Empty icon={IconHourglass} title={isNow ? "This phase runs" : "No result yet"}>
          {isNow
            ? "What it computes shows here as soon as it is done."
            : "Choose a phase that is done in the timeline above, or wait until the flow reaches this one."}
        </Empty>
      </Section>
    );
  }
  const seconds = (Date.parse(result.finished_at) - Date.parse(result.started_at)) / 1000;
  return (
    <Shown
      title={declared?.title ?? result.phase}
      about={
        <Text size="sm" c="dimmed" mb="md">
          Finished <Stamp at={result.finished_at} /> in <Span seconds={seconds} />
          {result.attempt > 1 && `, at attempt ${result.attempt}`}
          {result.iteration > 1 && `, round ${result.iteration}`}
          {result.edited && ", edited by a person at its gate"}
        </Text>
      }
      value={result.output}
      schema={declared?.gives}
    />
  );
}

/** A value to be read, or as it is stored. */
function Shown({
  title,
  about,
  value,
  schema,
}: {
  title: string;
  about?: React.ReactNode;
  value: unknown;
  schema?: unknown;
}) {
  const [form, setForm] = useState("read");
  return (
    <Section
      title={title}
      aside={
        <SegmentedControl
          size="xs"
          value={form}
          onChange={setForm}
          aria-label="How it is shown"
          data={[
            { value: "read", label: "Readable" },
            { value: "json", label: "JSON" },
          ]}
        />
      }
    >
      {about}
      {form === "read" ? (
        <Readable value={value} label={title} schema={schema === undefined ? undefined : schemaFrom(schema)} />
      ) : (
        <Json value={value} label={`${title} as JSON`} />
      )}
    </Section>
  );
}
