/** Where a token or a session stands, in words. */
import type { SecretState } from "@/api/schema";
import { Tone, type ToneName } from "@/ui/Tone";

const SAID: Record<SecretState, { word: string; tone: ToneName }> = {
  active: { word: "Active", tone: "good" },
  expired: { word: "Expired", tone: "rest" },
  revoked: { word: "Ended", tone: "rest" },
};

export function SecretTone({ state }: { state: SecretState }) {
  const { word, tone } = SAID[state];
  return <Tone tone={tone}>{word}</Tone>;
}
