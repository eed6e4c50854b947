/** Where the reader stands at a gate: whether they may approve or reject it, if not why, and who may. */
import { $api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { toReader } from "./waiting";

export interface Standing {
  mayApprove: boolean;
  mayReject: boolean;
  whyNot: string | null;
  deciders: string[];
  /** The reader has answered about the content as it is. */
  hasAnswered: boolean;
  isKnown: boolean;
}

export function useStanding(gate: GateOut): Standing {
  const me = useMe();
  const mayDecide = useMay("gates.decide");
  const isOpen = gate.status === "open";
  const inbox = $api.useQuery("get", "/api/v1/inbox", { params: { query: { view: "team" } } }, { enabled: isOpen });
  const item = inbox.data?.items.find((one) => one.gate.id === gate.id);
  if (!isOpen || !item) return { ...NOTHING, isKnown: !isOpen };
  const holdsRole = me.roles.some((role) => role === "lead" || gate.approver_roles.includes(role));
  const hasAnswered = item.votes.some((vote) => vote.actor === me.email && !vote.superseded);
  return {
    mayApprove: mayDecide && item.may_decide,
    mayReject: mayDecide && me.kind === "person" && holdsRole && !hasAnswered,
    whyNot: item.why_not === null ? null : toReader(item.why_not, me.email),
    deciders: item.deciders,
    hasAnswered,
    isKnown: true,
  };
}

const NOTHING: Standing = {
  mayApprove: false,
  mayReject: false,
  whyNot: null,
  deciders: [],
  hasAnswered: false,
  isKnown: false,
};
