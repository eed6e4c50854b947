/** The uploaded files; a discovery starts from those that are chosen. */
import { Button, Group, Skeleton, Text } from "@mantine/core";
import { IconFileImport, IconPlayerPlay } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { $api } from "@/api/client";
import type { ImportOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { AnchorLink } from "@/ui/links";
import { bytes, count, counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { When } from "@/ui/When";
import { discoveryName, rowsOf, stateOf } from "./files";
import { formatOf, KINDS } from "./formats";
import classes from "./Imports.module.css";

const PAGE_FILES = 100;

export function FileList({ fresh }: { fresh: readonly string[] }) {
  const found = $api.useInfiniteQuery(
    "get",
    "/api/v1/imports",
    { params: { query: { limit: PAGE_FILES } } },
    {
      initialPageParam: null as string | null,
      pageParamName: "cursor",
      getNextPageParam: (page) => page.cursor,
      placeholderData: keepPreviousData,
    },
  );
  const files = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={320} role="status" aria-label="Loading" />;
  if (files.length === 0) return <Nothing />;
  const more = {
    hasMore: found.hasNextPage,
    isLoading: found.isFetchingNextPage,
    load: () => void found.fetchNextPage(),
  };
  return <Files files={files} fresh={fresh} more={more} />;
}

interface FilesProps {
  files: ImportOut[];
  fresh: readonly string[];
  more: { hasMore: boolean; isLoading: boolean; load(): void };
}

function Files({ files, fresh, more }: FilesProps) {
  const me = useMe();
  const mayStart = useMay("flows.run");
  const [chosen, setChosen] = useChosen(fresh);
  const navigate = useNavigate();
  const toggle = (id: string) =>
    setChosen((was) => {
      const next = new Set(was);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const toggleAll = () =>
    setChosen((was) => (files.every(({ id }) => was.has(id)) ? new Set() : new Set(files.map(({ id }) => id))));
  return (
    <Section flush>
      {mayStart && <StartBar files={files.filter(({ id }) => chosen.has(id))} />}
      <DataTable
        label="Files"
        columns={COLUMNS}
        rows={files}
        rowKey={(file) => file.id}
        rowLabel={(file) => file.file_name}
        selection={mayStart ? { selected: chosen, toggle, toggleAll } : undefined}
        onOpen={(file) =>
          void navigate({
            to: "/e/$engagement/imports/$importId",
            params: { engagement: me.engagement_id, importId: file.id },
          })
        }
        more={more}
        height="max(20rem, calc(100dvh - 26rem))"
      />
    </Section>
  );
}

/** The chosen files; those that have just arrived are chosen by themselves. */
function useChosen(fresh: readonly string[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(fresh));
  const known = useRef(new Set(fresh));
  useEffect(() => {
    const added = fresh.filter((id) => !known.current.has(id));
    if (added.length === 0) return;
    for (const id of added) known.current.add(id);
    setChosen((was) => new Set([...was, ...added]));
  }, [fresh]);
  return [chosen, setChosen] as const;
}

function StartBar({ files }: { files: ImportOut[] }) {
  const me = useMe();
  const navigate = useNavigate();
  const start = $api.useMutation("post", "/api/v1/flows", {
    onSuccess: (flow) =>
      void navigate({
        to: "/e/$engagement/flows/$flowId",
        params: { engagement: me.engagement_id, flowId: flow.flow_id },
      }),
  });
  const begin = () =>
    start.mutate({
      body: {
        flow_type: "discovery",
        flow_name: discoveryName(files.map(({ file_name }) => file_name)),
        config: { imports: files.map(({ id }) => id) },
      },
    });
  return (
    <>
      <Group className={classes.bar} justify="space-between" gap="sm">
        <Text size="md" c="dimmed" role="status">
          {files.length === 0 ? "Choose the files of a discovery." : `${counted(files.length, "file")} chosen`}
        </Text>
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          disabled={files.length === 0}
          loading={start.isPending}
          onClick={begin}
        >
          Start a discovery
        </Button>
      </Group>
      {start.error && <ProblemNote error={start.error} />}
    </>
  );
}

const COLUMNS: DataColumn<ImportOut>[] = [
  { key: "name", header: "File", width: 13, cell: (file) => <FileLink file={file} /> },
  {
    key: "format",
    header: "Recognised as",
    width: 12,
    cell: (file) => <span title={formatOf(file.format)}>{file.profile ? formatOf(file.format) : ""}</span>,
  },
  { key: "state", header: "State", width: 10.5, cell: (file) => <State file={file} /> },
  { key: "size", header: "Size", width: 5.5, numeric: true, cell: (file) => bytes(file.size_bytes) },
  { key: "rows", header: "Rows", width: 5.5, numeric: true, cell: (file) => numberOr(rowsOf(file)) },
  {
    key: "rejects",
    header: "Not read",
    width: 5.75,
    numeric: true,
    cell: (file) => numberOr(file.profile?.rejects ?? null),
  },
  {
    key: "by",
    header: "Brought by",
    width: 9.5,
    cell: (file) => <span title={file.uploaded_by}>{file.uploaded_by}</span>,
  },
  { key: "when", header: "When", width: 6.5, cell: (file) => <When at={file.created_at} /> },
];

function numberOr(value: number | null): string {
  return value === null ? "" : count(value);
}

function FileLink({ file }: { file: ImportOut }) {
  const { engagement_id: engagement } = useMe();
  return (
    <AnchorLink to="/e/$engagement/imports/$importId" params={{ engagement, importId: file.id }} size="md" fw={560}>
      {file.file_name}
    </AnchorLink>
  );
}

function State({ file }: { file: ImportOut }) {
  const { tone, words } = stateOf(file);
  return <Tone tone={tone}>{words}</Tone>;
}

function Nothing() {
  return (
    <Section>
      <Empty icon={IconFileImport} title="No file was brought yet">
        A discovery reads exports of what the client already has. One inventory is enough to begin; each further source
        fills gaps and confirms the others.
        <div className={classes.scroll}>
          <table className={classes.kinds}>
            <tbody>
              {KINDS.map(({ title, examples, gives }) => (
                <tr key={title}>
                  <th scope="row">{title}</th>
                  <td>
                    {examples}. {gives}.
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Empty>
    </Section>
  );
}
