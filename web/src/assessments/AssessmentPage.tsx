import { Page } from "@/ui/Page";

export function AssessmentPage() {
  return <Page title="Assessment">{null}</Page>;
}
