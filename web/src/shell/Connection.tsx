/** The stream of what happens, for every page, and the sign whether it flows. */
import { Alert, Text, Tooltip } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Freshness } from "@/api/freshness";
import { type LiveState, LiveStream } from "@/api/live";
import { useMe } from "@/session/me";
import classes from "./Connection.module.css";

const StateContext = createContext<LiveState>("connecting");

export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const me = useMe();
  const [state, setState] = useState<LiveState>("connecting");
  const engagement = me.engagement_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another engagement has another stream
  useEffect(() => {
    const freshness = new Freshness(client);
    const stream = new LiveStream({
      onEvent: (event) => freshness.event(event),
      onGap: () => freshness.everything(),
      onState: setState,
    });
    void stream.run();
    return () => {
      stream.close();
      freshness.close();
    };
  }, [client, engagement]);
  return <StateContext value={state}>{children}</StateContext>;
}

function useLiveState(): LiveState {
  return useContext(StateContext);
}

const SAID: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live: what happens shows at once",
  lost: "Connection lost; trying again",
  refused: "You are signed out",
};

export function LiveSign() {
  const state = useLiveState();
  return (
    <Tooltip label={SAID[state]}>
      <span className={classes.sign} data-state={state} role="status" aria-label={SAID[state]}>
        <span className={classes.dot} aria-hidden />
        <Text component="span" size="xs" visibleFrom="sm" aria-hidden>
          {state === "live" ? "Live" : state === "connecting" ? "…" : "Offline"}
        </Text>
      </span>
    </Tooltip>
  );
}

/** A note over the page while the server is away. */
export function Connection() {
  const state = useLiveState();
  if (state === "live" || state === "connecting") return null;
  return (
    <Alert
      variant="light"
      color="orange"
      icon={<IconPlugConnectedX aria-hidden />}
      title={state === "lost" ? "The server does not answer" : "You are signed out"}
      mb="lg"
      role="status"
    >
      {state === "lost"
        ? "What you see is the last that is known. The page goes on by itself as soon as the server is back."
        : "Your session has ended. Open a new sign-in link to go on."}
    </Alert>
  );
}
