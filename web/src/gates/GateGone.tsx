/** A gate's page when there is nothing to decide any more. */
import { IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { GateOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";

export function GateGone({ gate, action }: { gate: GateOut; action: ReactNode }) {
  const me = useMe();
  return (
    <Empty
      icon={IconCircleCheck}
      title={`This was ${spoken(gate.status).toLowerCase()}`}
      action={
        <>
          {action}
          <ButtonLink
            variant="default"
            to="/e/$engagement/flows/$flowId"
            params={{ engagement: me.engagement_id, flowId: gate.flow_id }}
          >
            To the flow
          </ButtonLink>
        </>
      }
    >
      {gate.asks} It was answered {gate.decided_at && <When at={gate.decided_at} />} and waits no more.
      {gate.reason && ` The reason given: ${gate.reason}`}
    </Empty>
  );
}
