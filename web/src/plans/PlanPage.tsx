import { Page } from "@/ui/Page";

export function PlanPage() {
  return <Page title="Plan">{null}</Page>;
}
