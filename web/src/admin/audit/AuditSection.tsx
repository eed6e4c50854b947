/** Who commanded what, and what was refused. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { IconDownload, IconListSearch } from "@tabler/icons-react";
import { useState } from "react";
import { $api, api } from "@/api/client";
import type { AuditEntryOut, AuditOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { saveCsv } from "@/ui/csv";
import type { DataColumn } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Empty } from "@/ui/Empty";
import { AnchorLink } from "@/ui/links";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { Stamp, When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { refused } from "../parts/done";
import { Listing } from "../parts/Listing";
import parts from "../parts/parts.module.css";
import { PAGING, usePaged } from "../parts/usePaged";
import {
  type AuditFilter,
  CSV_HEADERS,
  csvRow,
  detailSaid,
  filterOf,
  isFiltered,
  queryOf,
  throughSaid,
} from "./filters";

const MOST_IN_FILE = 10_000;

const COLUMNS: DataColumn<AuditEntryOut>[] = [
  { key: "at", header: "When", cell: (row) => <When at={row.at} />, width: 7 },
  { key: "who", header: "Who", cell: (row) => row.actor, width: 14 },
  { key: "what", header: "What", cell: (row) => spoken(row.action), width: 11.5 },
  { key: "outcome", header: "Outcome", cell: (row) => <Outcome entry={row} />, width: 7 },
  { key: "why", header: "Details", cell: (row) => row.message ?? (detailSaid(row.detail) || "–"), width: 12 },
  { key: "through", header: "Through", cell: (row) => throughSaid(row.through), width: 5.5 },
];

export function AuditSection() {
  const [search, change] = usePageSearch();
  const filter = filterOf(search);
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/audit",
    { params: { query: queryOf(filter) } },
    { ...PAGING, placeholderData: (before) => before },
  );
  const { rows, more } = usePaged<AuditEntryOut>(list);
  const entry = rows?.find((row) => row.id === one(search, "entry"));
  return (
    <>
      <Filters filter={filter} />
      <Listing
        title="Calls"
        label="Commands and refusals, newest first"
        columns={COLUMNS}
        rows={rows}
        more={more}
        height="40rem"
        rowKey={(row) => row.id}
        rowLabel={(row) => `${row.action} by ${row.actor}`}
        onOpen={(row) => change({ entry: row.id })}
        error={list.error}
        onRetry={() => void list.refetch()}
        aside={<Download filter={filter} />}
        empty={
          <Empty
            icon={IconListSearch}
            title={isFiltered(filter) ? "No call matches" : "Nothing was commanded yet"}
            action={
              isFiltered(filter) && (
                <Button
                  variant="default"
                  onClick={() =>
                    change({
                      actor: undefined,
                      action: undefined,
                      outcome: undefined,
                      flow: undefined,
                      from: undefined,
                      to: undefined,
                    })
                  }
                >
                  Show all
                </Button>
              )
            }
          >
            {isFiltered(filter)
              ? "Who and what have to be whole: the full address, and the name of the call."
              : "Every change and every refusal is kept here with who, what, when and why."}
          </Empty>
        }
      />
      {entry && <Entry entry={entry} onClose={() => change({ entry: undefined })} />}
    </>
  );
}

function Outcome({ entry }: { entry: AuditEntryOut }) {
  return entry.outcome === "done" ? <Tone tone="good">Done</Tone> : <Tone tone="bad">Refused</Tone>;
}

function Filters({ filter }: { filter: AuditFilter }) {
  const [, change] = usePageSearch();
  const text = (key: "actor" | "action" | "flow", label: string, placeholder: string) => (
    <TextInput
      key={`${key}:${filter[key]}`}
      label={label}
      placeholder={placeholder}
      defaultValue={filter[key]}
      onBlur={(event) => change({ [key]: event.currentTarget.value.trim() || undefined })}
      onKeyDown={(event) => event.key === "Enter" && change({ [key]: event.currentTarget.value.trim() || undefined })}
      data-search={key === "actor" || undefined}
      w={{ base: "100%", sm: 200 }}
    />
  );
  const day = (key: "from" | "to", label: string) => (
    <TextInput
      type="date"
      label={label}
      value={filter[key]}
      onChange={(event) => change({ [key]: event.currentTarget.value || undefined })}
      w={{ base: "47%", sm: 150 }}
    />
  );
  return (
    <Group gap="md" align="flex-end">
      {text("actor", "Who", "ana@example.com")}
      {text("action", "What", "create_flow")}
      <Select
        label="Outcome"
        placeholder="All"
        clearable
        clearButtonProps={{ "aria-label": "All outcomes" }}
        value={filter.outcome || null}
        onChange={(outcome) => change({ outcome: outcome ?? undefined })}
        data={[
          { value: "done", label: "Done" },
          { value: "refused", label: "Refused" },
        ]}
        w={130}
      />
      {text("flow", "Flow", "id of a flow")}
      {day("from", "From")}
      {day("to", "To (included)")}
    </Group>
  );
}

function Download({ filter }: { filter: AuditFilter }) {
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const entries = await everything(filter);
      saveCsv(`audit-${new Date().toISOString().slice(0, 10)}.csv`, CSV_HEADERS, entries.map(csvRow));
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="compact-md"
      variant="default"
      loading={isBusy}
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => void save()}
    >
      Download as CSV
    </Button>
  );
}

/** All that matches, page after page, up to what a file should hold. */
async function everything(filter: AuditFilter): Promise<AuditEntryOut[]> {
  const found: AuditEntryOut[] = [];
  let cursor: string | null = null;
  do {
    const page: AuditOut = await pageOf(filter, cursor);
    found.push(...page.items);
    cursor = page.cursor ?? null;
  } while (cursor !== null && found.length < MOST_IN_FILE);
  return found;
}

async function pageOf(filter: AuditFilter, cursor: string | null): Promise<AuditOut> {
  const { data } = await api.GET("/api/v1/audit", { params: { query: { ...queryOf(filter), limit: 200, cursor } } });
  return data ?? { items: [], cursor: null };
}

function Entry({ entry, onClose }: { entry: AuditEntryOut; onClose(): void }) {
  const me = useMe();
  return (
    <Dialog onClose={onClose} title={spoken(entry.action)} size="lg">
      <dl className={parts.pairs}>
        <dt>Outcome</dt>
        <dd>
          <Outcome entry={entry} />
        </dd>
        <dt>When</dt>
        <dd>
          <Stamp at={entry.at} />
        </dd>
        <dt>Who</dt>
        <dd>{entry.actor}</dd>
        <dt>Through</dt>
        <dd className="mf-mono">{entry.through}</dd>
        {entry.message && (
          <>
            <dt>Why</dt>
            <dd>{entry.message}</dd>
          </>
        )}
        {entry.code && (
          <>
            <dt>Code</dt>
            <dd className="mf-mono">{entry.code}</dd>
          </>
        )}
        {entry.flow_id && (
          <>
            <dt>Flow</dt>
            <dd>
              <AnchorLink
                to="/e/$engagement/flows/$flowId"
                params={{ engagement: me.engagement_id, flowId: entry.flow_id }}
                className="mf-mono"
              >
                {entry.flow_id}
              </AnchorLink>
            </dd>
          </>
        )}
        {Object.entries(entry.detail).map(([key, value]) => (
          <Pair key={key} name={key} value={value} />
        ))}
        <dt>Request</dt>
        <dd className="mf-mono">{entry.request_id}</dd>
      </dl>
    </Dialog>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{spoken(name)}</dt>
      <dd>{value}</dd>
    </>
  );
}
