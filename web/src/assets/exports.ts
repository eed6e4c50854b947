/** The formats that the estate can leave in. */
export interface ExportFormat {
  name: string;
  title: string;
  about: string;
}

export const EXPORTS: ExportFormat[] = [
  { name: "csv", title: "CSV", about: "Every asset with every field" },
  { name: "xlsx", title: "Excel", about: "Every asset with every field, and the cell each value came from" },
  { name: "azure_migrate", title: "Azure Migrate", about: "Import template (CSV)" },
  {
    name: "google_migration_center",
    title: "Google Migration Center",
    about: "Tables vmInfo, diskInfo, tagInfo (ZIP)",
  },
  { name: "aws_mgn", title: "AWS Application Migration Service", about: "Inventory (CSV)" },
  { name: "aws_cmf", title: "AWS Cloud Migration Factory", about: "Intake form (CSV)" },
  { name: "konveyor", title: "Konveyor", about: "Application import (CSV)" },
];

/** The file name that a Content-Disposition header gives. */
export function fileNameOf(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  return encoded ? decodeURIComponent(encoded) : null;
}
