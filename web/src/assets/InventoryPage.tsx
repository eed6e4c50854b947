import { Page } from "@/ui/Page";

export function InventoryPage() {
  return <Page title="Inventory">{null}</Page>;
}
