/** What can be brought, by the importer that recognises it; the server decides by content, not by name. */

export const FORMATS: Readonly<Record<string, string>> = {
  aws_ads: "AWS Application Discovery Service",
  aws_cmf: "AWS Cloud Migration Factory intake",
  aws_vpc_flow: "AWS VPC flow logs",
  azure_migrate: "Azure Migrate import template and reports",
  azure_nsg_flow: "Azure NSG and VNet flow logs",
  cast_highlight: "CAST Highlight portfolio",
  dependency_csv: "Dependency and flow tables",
  device42: "Device42 devices",
  dmidecode: "Output of dmidecode",
  edge_list: "Edge lists of graphs",
  facter: "Facts by Puppet facter",
  gcp_flow: "Google Cloud VPC flow logs",
  glpi: "Inventory by a GLPI or FusionInventory agent",
  google_migration_center: "Google Cloud Migration Center tables",
  json_records: "JSON records",
  juju: "Juju bundles",
  kiali: "Kiali graphs",
  konveyor: "Konveyor application import",
  netbox: "NetBox dump or API answer",
  netobserv: "OpenShift network flow records",
  nmap: "nmap scan",
  rvtools: "RVTools workbook",
  service_graph: "Service graphs and data-flow diagrams",
  servicenow: "ServiceNow configuration items",
  servicenow_relations: "ServiceNow relations",
  sockets: "ss, netstat and lsof output",
  tabular: "CSV, TSV and Excel tables",
  terraform: "Terraform or OpenTofu state",
  traces: "Traces and service dependencies of Jaeger, Zipkin, OpenTelemetry",
  utilisation: "Measurements by machine and metric",
  zeek: "Zeek conn.log",
};

/** What an export is called to people; of another package it is its own name. */
export function formatOf(name: string | null): string {
  return name === null ? "Not recognised" : (FORMATS[name] ?? name);
}

export interface Kind {
  title: string;
  examples: string;
  gives: string;
}

/** What one can bring, in the order in which it helps. */
export const KINDS: readonly Kind[] = [
  {
    title: "Virtual machines",
    examples: "RVTools workbook, AWS Application Discovery, Azure Migrate, Google Migration Center",
    gives: "Servers with cores, memory, disks and operating system",
  },
  {
    title: "Configuration management",
    examples: "ServiceNow items and relations, Device42, GLPI, NetBox",
    gives: "Owners, applications, environments and support",
  },
  {
    title: "Infrastructure as code and facts",
    examples: "Terraform state, Juju bundles, Puppet facter, dmidecode, nmap",
    gives: "What runs where, as it is declared or found",
  },
  {
    title: "Who talks to whom",
    examples: "Flow logs of AWS, Azure and Google, Zeek, traces, ss or netstat output, flow tables",
    gives: "Dependencies with ports and volumes",
  },
  {
    title: "Use and business",
    examples: "Measurements by machine, CAST Highlight, application lists in CSV or Excel",
    gives: "Right sizes, criticality and owners",
  },
];
