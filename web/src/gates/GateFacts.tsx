/** Who, when and how many: the terms of a gate. */
import type { ReactNode } from "react";
import { $api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { Stamp } from "@/ui/When";
import { spoken } from "@/ui/words";
import classes from "./GatePage.module.css";
import { anyOf } from "./waiting";

export function GateFacts({ gate }: { gate: GateOut }) {
  const history = $api.useQuery("get", "/api/v1/flows/{flow_id}/history", {
    params: { path: { flow_id: gate.flow_id } },
  });
  const starter = history.data?.items[0]?.actor;
  const roles = [...new Set([...gate.approver_roles, "lead"])].map((role) => spoken(role).toLowerCase());
  return (
    <Section title="Terms">
      <dl className={classes.facts}>
        {starter && <Fact name="Started by">{starter}</Fact>}
        <Fact name="Opened">
          <Stamp at={gate.opened_at} />
        </Fact>
        <Fact name="Due">{gate.due_at ? <Stamp at={gate.due_at} /> : "No due time"}</Fact>
        {gate.expires_at && (
          <Fact name="Expires">
            <Stamp at={gate.expires_at} />
          </Fact>
        )}
        <Fact name="Decided by">
          {gate.quorum === 1 ? "one" : gate.quorum} of {anyOf(roles)}
        </Fact>
        <Fact name="Four eyes">
          {gate.four_eyes ? "Yes: who shaped the content does not approve it" : "Follows the engagement's policy"}
        </Fact>
        <Fact name="Content">
          <span className="mf-mono">{gate.content_hash.slice(0, 12)}</span>
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
