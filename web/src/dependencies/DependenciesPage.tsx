import { Page } from "@/ui/Page";

export function DependenciesPage() {
  return <Page title="Dependencies">{null}</Page>;
}
