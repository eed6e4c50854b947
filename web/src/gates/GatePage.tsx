import { Page } from "@/ui/Page";

export function GatePage() {
  return <Page title="Gate">{null}</Page>;
}
