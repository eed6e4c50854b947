import { Page } from "@/ui/Page";

export function AssetPage() {
  return <Page title="Asset">{null}</Page>;
}
