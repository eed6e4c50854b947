import { Page } from "@/ui/Page";

export function NewFlowPage() {
  return <Page title="New Flow">{null}</Page>;
}
