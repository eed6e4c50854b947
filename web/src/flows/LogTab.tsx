/** The events of the flow with their data, oldest first; new ones come in at the end. */
import { Switch } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { EventOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import classes from "./HistoryTab.module.css";

export function LogTab({ events, isLive }: { events: readonly EventOut[]; isLive: boolean }) {
  const [isFollowed, setFollowed] = useState(true);
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new event moves the log to its end
  useEffect(() => {
    if (isFollowed && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [events.length, isFollowed]);
  return (
    <Section
      flush
      title={isLive ? "Log, live" : "Log"}
      aside={
        <Switch
          label="Follow the end"
          size="sm"
          checked={isFollowed}
          onChange={(event) => setFollowed(event.currentTarget.checked)}
        />
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <ol ref={list} className={classes.log} tabIndex={0} aria-label="Log" aria-live={isLive ? "polite" : undefined}>
        {events.map((event) => (
          <li key={event.seq}>
            <time dateTime={event.at} className={classes.quiet}>
              {event.at.replace("T", " ").slice(0, 23)}
            </time>
            <strong>{event.kind}</strong>
            {event.phase && <span>{event.phase}</span>}
            <span className={classes.quiet}>{event.actor}</span>
            {Object.entries(event.data).map(([name, value]) => (
              <span key={name}>
                <span className={classes.quiet}>{name}=</span>
                {typeof value === "string" ? value : JSON.stringify(value)}
              </span>
            ))}
            {event.reason && <span>“{event.reason}”</span>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
