import { Page } from "@/ui/Page";

export function ImportsPage() {
  return <Page title="Imports">{null}</Page>;
}
