/** Who looks at the pages, in which engagement, and what that allows. */
import { createContext, type ReactNode, useContext } from "react";
import type { EngagementOut, MeOut, Operation } from "@/api/schema";

const MeContext = createContext<MeOut | null>(null);

export function MeProvider({ me, children }: { me: MeOut; children: ReactNode }) {
  return <MeContext.Provider value={me}>{children}</MeContext.Provider>;
}

export function useMe(): MeOut {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is used outside of a signed-in page");
  return me;
}

/** Whether the reader may do something here. The API decides anyway; pages leave out what it would refuse. */
export function useMay(operation: Operation): boolean {
  return useMe().operations.includes(operation);
}

export function Allowed({ to, children }: { to: Operation; children: ReactNode }) {
  return useMay(to) ? children : null;
}

export function useEngagement(): EngagementOut {
  const me = useMe();
  const found = me.engagements.find((one) => one.id === me.engagement_id);
  if (!found) throw new Error("the engagement of the page is none of the reader's");
  return found;
}
