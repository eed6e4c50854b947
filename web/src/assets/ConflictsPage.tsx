import { Page } from "@/ui/Page";

export function ConflictsPage() {
  return <Page title="Conflicts">{null}</Page>;
}
