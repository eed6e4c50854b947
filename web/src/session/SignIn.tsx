/** Signing in with the one-time link: its code stands behind `#`, is used up at once and leaves the address. */
import { Center, Code, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, carried } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { MeOut } from "@/api/schema";
import { ButtonLink } from "@/ui/links";
import { ProblemNote } from "@/ui/ProblemNote";

export function SignIn() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [error, setError] = useState<ApiProblem | null>(null);
  const [isSigning, setSigning] = useState(() => codeIn(location.hash) !== null);
  const used = useRef(false);

  useEffect(() => {
    document.title = "Sign in · Masterflow";
    const code = codeIn(location.hash);
    if (!code || used.current) return;
    used.current = true;
    history.replaceState(null, "", "/sign-in");
    const signIn = async () => {
      const { data } = await api.POST("/api/v1/sign-in", { body: { code } });
      client.clear();
      if (data) await navigate({ to: "/e/$engagement/flows", params: { engagement: data.engagement_id } });
    };
    signIn().catch((cause: unknown) => {
      setSigning(false);
      if (!(cause instanceof ApiProblem)) throw cause;
      setError(cause);
    });
  }, [client, navigate]);

  return (
    <Center component="main" mih="100%" p="lg">
      <Paper withBorder p="xl" maw={460} w="100%" shadow="sm">
        <Stack gap="md">
          <img src="/mark.svg" alt="" width={40} height={40} />
          <Title order={1}>Masterflow</Title>
          {isSigning ? (
            <Text role="status">
              <Loader size="xs" mr="sm" aria-hidden /> Signing you in…
            </Text>
          ) : (
            <Stack gap="sm">
              {error && <ProblemNote error={error} />}
              <WhoIsHere isSigning={isSigning} hasError={error !== null} />
            </Stack>
          )}
        </Stack>
      </Paper>
    </Center>
  );
}

/** Somebody who is signed in comes here by an address of an engagement that is not theirs. */
function WhoIsHere({ isSigning, hasError }: { isSigning: boolean; hasError: boolean }) {
  const [me, setMe] = useState<MeOut | null>(null);
  useEffect(() => {
    if (isSigning) return;
    carried.engagement = null;
    api.GET("/api/v1/me").then(
      ({ data }) => setMe(data ?? null),
      () => setMe(null), // nobody is signed in, which is what the page says anyway
    );
  }, [isSigning]);
  if (me) {
    return (
      <Stack gap="sm">
        <Text>
          You are signed in as {me.email}, at {me.client}. The address you came from is not open to you.
        </Text>
        <ButtonLink to="/e/$engagement/flows" params={{ engagement: me.engagement_id }}>
          To your flows
        </ButtonLink>
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      {!hasError && <Text>You are not signed in. Open your sign-in link; it works once, within 15 minutes.</Text>}
      <Text c="dimmed">
        A lead or client admin makes one under Admin › People, and on the server{" "}
        <Code>masterflow user sign-in-link EMAIL</Code> prints one.
      </Text>
    </Stack>
  );
}

function codeIn(hash: string): string | null {
  return new URLSearchParams(hash.slice(1)).get("code");
}
