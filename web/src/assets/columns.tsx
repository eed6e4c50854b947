/** The columns of the inventory. */
import { Text } from "@mantine/core";
import type { AssetOut } from "@/api/schema";
import type { DataColumn } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { count, mib } from "@/ui/numbers";
import type { Belonging } from "./applications";
import { shownOf } from "./fields";
import { CriticalityTone, NotKnown } from "./parts";

function known(field: string) {
  return (asset: AssetOut) => shownOf(asset, field) ?? <NotKnown />;
}

function size(value: number | null) {
  return value === null ? <NotKnown /> : mib(value);
}

function owners(asset: AssetOut) {
  return asset.business_owner ?? asset.technical_owner ?? <NotKnown />;
}

export function columnsOf(engagement: string, applications: ReadonlyMap<string, Belonging[]>): DataColumn<AssetOut>[] {
  return [
    {
      key: "name",
      header: "Name",
      sort: "name",
      width: 13,
      cell: (asset) => (
        <AnchorLink
          to="/e/$engagement/inventory/$assetId"
          params={{ engagement, assetId: asset.id }}
          title={asset.name}
          fw={560}
        >
          {asset.name}
        </AnchorLink>
      ),
    },
    { key: "environment", header: "Environment", sort: "environment", width: 7.5, cell: known("environment") },
    { key: "os", header: "Operating system", sort: "operating_system", width: 14, cell: known("operating_system") },
    {
      key: "cpu",
      header: "Cores",
      sort: "cpu_cores",
      numeric: true,
      width: 5,
      cell: ({ cpu_cores }) => (cpu_cores === null ? <NotKnown /> : count(cpu_cores)),
    },
    {
      key: "memory",
      header: "Memory",
      sort: "memory_mib",
      numeric: true,
      width: 6,
      cell: (asset) => size(asset.memory_mib),
    },
    {
      key: "storage",
      header: "Storage",
      sort: "storage_provisioned_mib",
      numeric: true,
      width: 6,
      cell: (asset) => size(asset.storage_provisioned_mib),
    },
    {
      key: "criticality",
      header: "Criticality",
      sort: "criticality",
      width: 7.5,
      cell: ({ criticality }) => (criticality ? <CriticalityTone criticality={criticality} /> : <NotKnown />),
    },
    { key: "owner", header: "Owner", width: 13, cell: owners },
    { key: "datacenter", header: "Data centre", width: 7, cell: known("datacenter") },
    {
      key: "applications",
      header: "Applications",
      width: 12,
      cell: ({ id }) => {
        const names = (applications.get(id) ?? []).map(({ name }) => name).join(", ");
        return names ? (
          <Text component="span" inherit title={names}>
            {names}
          </Text>
        ) : (
          <NotKnown word="None" />
        );
      },
    },
  ];
}
