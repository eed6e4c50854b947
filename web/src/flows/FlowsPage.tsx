import { Page } from "@/ui/Page";

export function FlowsPage() {
  return <Page title="Flows">{null}</Page>;
}
