/** The fields of an asset in words, in groups, and their values as people read them. */
import type { AssetOut } from "@/api/schema";
import { count, mib } from "@/ui/numbers";
import { spoken } from "@/ui/words";

const TITLES: Record<string, string> = {
  asset_type: "Type",
  vm_name: "VM name",
  hostname: "Host name",
  fqdn: "Full domain name",
  ip_addresses: "IP addresses",
  mac_addresses: "MAC addresses",
  os_version: "OS version",
  cpu_cores: "CPU cores",
  memory_mib: "Memory",
  storage_provisioned_mib: "Storage provisioned",
  storage_used_mib: "Storage used",
  disk_capacity_mib: "Disk capacity",
  disk_count: "Disks",
  power_state: "Power",
  datacenter: "Data centre",
  host: "Hypervisor host",
  serial_number: "Serial number",
  cpu_p95_pct: "CPU, 95th percentile",
  cpu_max_pct: "CPU, peak",
  annual_cost: "Cost a year",
  rto_hours: "RTO in hours",
  rpo_hours: "RPO in hours",
  unowned: "Owner",
};

const SIZES = new Set([
  "memory_mib",
  "storage_provisioned_mib",
  "storage_used_mib",
  "disk_capacity_mib",
  "partition_used_mib",
]);

export interface FieldGroup {
  title: string;
  fields: string[];
}

export const GROUPS: FieldGroup[] = [
  {
    title: "What it is",
    fields: ["name", "asset_type", "vm_name", "hostname", "fqdn", "ip_addresses", "mac_addresses", "power_state"],
  },
  { title: "Whose it is", fields: ["environment", "criticality", "business_owner", "technical_owner", "department"] },
  {
    title: "What it has",
    fields: [
      "operating_system",
      "os_version",
      "cpu_cores",
      "memory_mib",
      "storage_provisioned_mib",
      "storage_used_mib",
      "disk_capacity_mib",
      "disk_count",
    ],
  },
  {
    title: "Where it runs",
    fields: ["datacenter", "cluster", "host", "folder", "virtual", "hypervisor", "vendor", "model", "serial_number"],
  },
  { title: "What it does and costs", fields: ["cpu_p95_pct", "cpu_max_pct", "annual_cost"] },
];

/** "cpu_cores" as "CPU cores". */
export function titleOf(field: string): string {
  return TITLES[field] ?? spoken(field).replace(/^(Cpu|Os|Vm|Ip)\b/, (word) => word.toUpperCase());
}

const CODED = new Set(["environment", "criticality", "asset_type", "lifecycle", "power_state"]);
const POWER: Record<string, string> = { poweredOn: "On", poweredOff: "Off", suspended: "Suspended" };

/** A value of a field as a source states it, for a reader. */
export function spokenValue(field: string, value: string): string {
  if (SIZES.has(field) && /^\d+(\.\d+)?$/.test(value)) return mib(Number(value));
  if (field === "power_state") return POWER[value] ?? spoken(value);
  if (CODED.has(field)) return spoken(value);
  if (field === "virtual") return value === "true" ? "Yes" : "No";
  if (field.endsWith("_pct")) return `${Number(value)} %`;
  if (/^\d{4,}$/.test(value) && field.endsWith("_count")) return count(Number(value));
  return value;
}

/** What an asset shows for a field; null is not known. */
export function shownOf(asset: AssetOut, field: string): string | null {
  const value = (asset as Record<string, unknown>)[field];
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(", ");
  if (field === "annual_cost") return `${count(Number(value))} ${asset.annual_cost_currency ?? ""}`.trim();
  return spokenValue(field, String(value));
}

const CONCERNS: Record<string, string> = {
  "disk.rdm": "A disk is a raw device mapping, which replication tools do not copy.",
  "disk.independent": "A disk is independent, so snapshots leave it out.",
  "disk.shared": "A disk is shared with another machine: they move together.",
  snapshot: "It has snapshots; remove them before it is replicated.",
  consolidation_needed: "Its disks need consolidation first.",
  "tools.not_running": "The guest tools do not run, so it may not shut down cleanly.",
  "tools.not_installed": "The guest tools are not installed.",
  "changed_block_tracking.disabled": "Changed block tracking is off, which slows replication.",
  "hostname.empty": "The running guest tells no host name.",
  vm_missing_ip: "It runs, and no IP address is known.",
  "cpu_memory.hotplug": "CPU or memory can be added while it runs; few targets offer that.",
  fault_tolerance: "It runs with fault tolerance, which the target lacks.",
  "connection.not_connected": "The hypervisor does not reach it.",
  "power.suspended": "It is suspended; it has to be started or stopped first.",
  incomplete: "Its main source lacks identifiers and hardware.",
  retired: "A source says that it is retired.",
};

/** A concern's code as a sentence. */
export function concernOf(code: string): string {
  return CONCERNS[code] ?? `${spoken(code.replaceAll(".", ": "))}.`;
}

/** Codes that say how busy a machine is: no concern of itself. */
export function isConcern(code: string): boolean {
  return code !== "activity.in_use";
}
