/** What happened to the flow, newest first: what, in which phase, by whom, why and when. */
import { Text } from "@mantine/core";
import type { EventOut, FlowTypeOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { Tone } from "@/ui/Tone";
import { Stamp } from "@/ui/When";
import classes from "./HistoryTab.module.css";
import { actorOf, detailOf, kindOf } from "./history";
import { phaseTitle } from "./naming";

export function HistoryTab({ events, type }: { events: readonly EventOut[]; type: FlowTypeOut | undefined }) {
  return (
    <Section flush>
      <ol className={classes.events} aria-label="History, newest first" reversed>
        {[...events].reverse().map((event) => (
          <Line key={event.seq} event={event} type={type} />
        ))}
      </ol>
    </Section>
  );
}

function Line({ event, type }: { event: EventOut; type: FlowTypeOut | undefined }) {
  const { words, tone } = kindOf(event.kind);
  const title = (name: string) => phaseTitle(type, name);
  const details = detailOf(event, title);
  return (
    <li>
      <span className={classes.at}>
        <Stamp at={event.at} />
      </span>
      <span className={classes.what}>
        <Tone tone={tone}>{words}</Tone>
        {event.phase && (
          <Text component="span" size="md" fw={560}>
            {title(event.phase)}
          </Text>
        )}
        <Text component="span" size="sm" c="dimmed">
          {[`by ${actorOf(event.actor)}`, ...details].join(" · ")}
        </Text>
        {event.reason && (
          <Text component="blockquote" size="md" className={classes.reason}>
            {event.reason}
          </Text>
        )}
      </span>
    </li>
  );
}
