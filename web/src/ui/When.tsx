/** Moments in the reader's zone, with the UTC beside them on hover, and spans of time. */
import { useEffect, useState } from "react";
import { age, exact, span, stamp } from "./time";

const TICK_MS = 30_000;

/** How long ago something was, or how long it is until then. */
export function When({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exact(at)}>
      {age(at, now)}
    </time>
  );
}

/** A moment as date and time. */
export function Stamp({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {stamp(at)}
    </time>
  );
}

/** A span of seconds. */
export function Span({ seconds }: { seconds: number }) {
  return <span className="mf-number">{span(seconds)}</span>;
}
