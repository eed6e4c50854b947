import { Page } from "@/ui/Page";

export function FlowPage() {
  return <Page title="Flow">{null}</Page>;
}
