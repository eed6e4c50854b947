import { Page } from "@/ui/Page";

export function SubjectPage() {
  return <Page title="Subject">{null}</Page>;
}
