/** What people approved column headers to mean, for the next file; each can be forgotten. */

import { ActionIcon, Button, Group, Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconBulb, IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { $api } from "@/api/client";
import type { LearnedHeaderOut } from "@/api/schema";
import { useMay } from "@/session/me";
import { Choice } from "@/ui/Choice";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Empty } from "@/ui/Empty";
import { count, share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { When } from "@/ui/When";
import { spoken } from "@/ui/words";
import { FORMATS, formatOf } from "./formats";
import classes from "./Imports.module.css";

const PAGE = 200;

export function LearnedHeaders() {
  const [search, change] = usePageSearch();
  const source = one(search, "source");
  const mayForget = useMay("gates.decide");
  const [forgetting, setForgetting] = useState<LearnedHeaderOut | null>(null);
  const found = $api.useInfiniteQuery(
    "get",
    "/api/v1/learned-headers",
    { params: { query: { limit: PAGE, source } } },
    {
      initialPageParam: null as string | null,
      pageParamName: "cursor",
      getNextPageParam: (page) => page.cursor,
      placeholderData: keepPreviousData,
    },
  );
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={320} role="status" aria-label="Loading" />;
  if (rows.length === 0 && !source)
    return (
      <Section>
        <Empty icon={IconBulb} title="Nothing was learned yet">
          When somebody approves what the columns of a file mean, the answers are kept for all engagements of this
          client. The next export of the same kind is then matched without a question.
        </Empty>
      </Section>
    );
  const forget = {
    key: "forget",
    header: <VisuallyHidden>Forget</VisuallyHidden>,
    width: 3.5,
    cell: (row: LearnedHeaderOut) => (
      <ActionIcon variant="subtle" color="gray" aria-label={`Forget ${row.header}`} onClick={() => setForgetting(row)}>
        <IconTrash size={15} aria-hidden />
      </ActionIcon>
    ),
  };
  return (
    <Section flush>
      <Group className={classes.bar} gap="sm">
        <Choice
          aria-label="Kind of file"
          placeholder="All kinds of files"
          data={Object.entries(FORMATS).map(([value, label]) => ({ value, label }))}
          value={source ?? null}
          onChange={(to) => change({ source: to ?? undefined })}
          clearable
          searchable
        />
        <Text size="sm" c="dimmed" role="status">
          {count(rows.length)}
          {found.hasNextPage ? " and more" : ""} learned
        </Text>
      </Group>
      <DataTable
        label="Learned headers"
        columns={mayForget ? [...COLUMNS, forget] : COLUMNS}
        rows={rows}
        rowKey={(row) => [row.source_kind, row.layout.sheet, row.layout.code, row.header, row.field].join("\n")}
        more={{
          hasMore: found.hasNextPage,
          isLoading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
        height="max(20rem, calc(100dvh - 17rem))"
      />
      {forgetting && <Forget row={forgetting} onClose={() => setForgetting(null)} />}
    </Section>
  );
}

const COLUMNS: DataColumn<LearnedHeaderOut>[] = [
  { key: "header", header: "Header", width: 12, cell: (row) => <span className="mf-mono">{row.header}</span> },
  { key: "field", header: "Means", width: 11, cell: (row) => (row.field ? spoken(row.field) : "Kept as an attribute") },
  { key: "unit", header: "Unit", width: 4.5, cell: (row) => row.unit ?? "" },
  {
    key: "source",
    header: "Kind of file",
    width: 10,
    cell: (row) => <span title={formatOf(row.source_kind)}>{formatOf(row.source_kind)}</span>,
  },
  { key: "sheet", header: "Sheet", width: 6, cell: (row) => row.layout.sheet },
  { key: "accepted", header: "Approved", width: 5.5, numeric: true, cell: (row) => count(row.accepted) },
  { key: "overridden", header: "Overridden", width: 6.5, numeric: true, cell: (row) => count(row.overridden) },
  { key: "confidence", header: "Confidence", width: 6.5, numeric: true, cell: (row) => share(row.confidence) },
  { key: "last", header: "Last used", width: 6.25, cell: (row) => <When at={row.last_used} /> },
];

function Forget({ row, onClose }: { row: LearnedHeaderOut; onClose(): void }) {
  const client = useQueryClient();
  const forget = $api.useMutation("delete", "/api/v1/learned-headers", {
    onSuccess: () => {
      onClose();
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/learned-headers"] });
    },
  });
  return (
    <Dialog onClose={onClose} title="Forget this header">
      <Stack>
        <Text size="md">
          Whatever people approved “{row.header}” to mean in files of the kind {formatOf(row.source_kind)} is forgotten,
          for all engagements of this client. What was built from it stays. The next file with this header is asked
          about again.
        </Text>
        {forget.error && <ProblemNote error={forget.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep
          </Button>
          <Button
            loading={forget.isPending}
            onClick={() => forget.mutate({ params: { query: { header: row.header, source: row.source_kind } } })}
          >
            Forget
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
