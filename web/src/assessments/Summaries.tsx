/** The figures of an assessment: portfolio, support and readiness. */
import { SimpleGrid } from "@mantine/core";
import type { ServerAssessmentOut } from "@/api/schema";
import { count } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { spoken } from "@/ui/words";
import { countBy, supportCounts } from "./filtering";
import { portfolioOf, type Subject } from "./proposals";
import { Shares } from "./Shares";
import { READINESS, READINESS_ORDER, SUPPORT, SUPPORT_ORDER } from "./words";

export interface Choosing {
  chosen: string[];
  onChoose(key: string): void;
}

export function Portfolio({ subjects, chosen, onChoose }: { subjects: readonly Subject[] } & Choosing) {
  const parts = portfolioOf(subjects).map(({ strategy, subjects: number, servers }) => ({
    key: strategy,
    look: strategy,
    label: spoken(strategy),
    value: number,
    more: [count(servers)],
  }));
  return (
    <Section title="Portfolio">
      <Shares
        label="Strategy"
        unit="Applications"
        headers={["Servers"]}
        parts={parts}
        chosen={chosen}
        onChoose={onChoose}
      />
    </Section>
  );
}

export function ServerSummaries({
  servers,
  support,
  readiness,
}: {
  servers: readonly ServerAssessmentOut[];
  support: Choosing;
  readiness: Choosing;
}) {
  const { today, atMove } = supportCounts(servers);
  const ready = countBy(servers.map((one) => one.readiness));
  return (
    <>
      <Section title="Support of operating systems">
        <Shares
          label="On the move date"
          unit="Servers"
          headers={["Today"]}
          parts={SUPPORT_ORDER.map((key) => ({
            key,
            look: key === "within_12_months" ? "soon" : SUPPORT[key].tone,
            label: SUPPORT[key].word,
            value: atMove.get(key) ?? 0,
            more: [count(today.get(key) ?? 0)],
          }))}
          {...support}
        />
      </Section>
      <Section title="Readiness of servers">
        <Shares
          label="As they are now"
          unit="Servers"
          parts={READINESS_ORDER.map((key) => ({
            key,
            look: READINESS[key].tone,
            label: READINESS[key].word,
            value: ready.get(key) ?? 0,
          }))}
          {...readiness}
        />
      </Section>
    </>
  );
}

export function SummaryGrid({ children, cols }: { children: React.ReactNode; cols: number }) {
  return (
    <SimpleGrid cols={{ base: 1, md: Math.min(cols, 2), xl: cols }} spacing="lg">
      {children}
    </SimpleGrid>
  );
}
