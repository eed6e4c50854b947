/** The servers of an assessment with their support, readiness and what to do. */
import type { ServerAssessmentOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Tone } from "@/ui/Tone";
import { dayOf } from "@/ui/time";
import { READINESS, SUPPORT, serverComplexity } from "./words";

export function ServersTable({ servers, height }: { servers: readonly ServerAssessmentOut[]; height?: string }) {
  return <DataTable label="Servers" columns={COLUMNS} rows={servers} rowKey={(one) => one.asset_id} height={height} />;
}

function AssetLink({ server }: { server: ServerAssessmentOut }) {
  const me = useMe();
  return (
    <AnchorLink
      to="/e/$engagement/inventory/$assetId"
      params={{ engagement: me.engagement_id, assetId: server.asset_id }}
      fw={560}
    >
      {server.name}
    </AnchorLink>
  );
}

const COLUMNS: DataColumn<ServerAssessmentOut>[] = [
  { key: "name", header: "Server", width: 10, cell: (one) => <AssetLink server={one} /> },
  {
    key: "os",
    header: "Operating system",
    width: 13,
    cell: (one) => <span title={one.operating_system ?? undefined}>{one.operating_system ?? "Not known"}</span>,
  },
  {
    key: "support",
    header: "Support at the move",
    width: 11.5,
    cell: (one) => <Tone tone={SUPPORT[one.support_at_move].tone}>{SUPPORT[one.support_at_move].word}</Tone>,
  },
  { key: "eol", header: "Support ends", width: 8, cell: (one) => (one.eol ? dayOf(one.eol) : "Not known") },
  {
    key: "readiness",
    header: "Readiness",
    width: 12,
    cell: (one) => <Tone tone={READINESS[one.readiness].tone}>{READINESS[one.readiness].word}</Tone>,
  },
  { key: "complexity", header: "Complexity", width: 6.5, cell: (one) => serverComplexity(one.complexity) },
  {
    key: "remedies",
    header: "What to do",
    cell: (one) => {
      const said = one.remedies.join(" ") || one.reasons.join(" ") || "Nothing to do.";
      return <span title={said}>{said}</span>;
    },
  },
];
