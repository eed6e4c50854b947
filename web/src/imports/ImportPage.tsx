/** One file: what was found in it, what could not be used, and what was built from it. */
import { Skeleton, Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { $api } from "@/api/client";
import type { ImportOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { bytes, count, counted } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { Stamp } from "@/ui/When";
import { spoken } from "@/ui/words";
import { rowsOf, stateOf } from "./files";
import { formatOf } from "./formats";
import classes from "./Imports.module.css";
import { Rejects } from "./Rejects";
import { Sheets } from "./Sheets";
import { useRejects } from "./useRejects";

export function ImportPage() {
  const { importId } = useParams({ strict: false }) as { importId: string };
  const { engagement_id: engagement } = useMe();
  const found = $api.useQuery("get", "/api/v1/imports/{import_id}", { params: { path: { import_id: importId } } });
  const back = (
    <ButtonLink to="/e/$engagement/imports" params={{ engagement }} variant="default">
      All files
    </ButtonLink>
  );
  return (
    <Page title={found.data?.file_name ?? "File"} about={found.data && formatOf(found.data.format)} actions={back}>
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={320} role="status" aria-label="Loading" />}
      {found.data && <File file={found.data} />}
    </Page>
  );
}

function File({ file }: { file: ImportOut }) {
  const [search, change] = usePageSearch();
  const tab = one(search, "tab") === "rejects" ? "rejects" : "profile";
  const rejected = useRejects(file.id).rejects?.length;
  return (
    <>
      <Facts file={file} />
      {file.problem && (
        <Section title="Why it cannot be read">
          {file.problem.message}
          {file.problem.value && <div className="mf-mono">{file.problem.value}</div>}
        </Section>
      )}
      <Tabs
        value={tab}
        onChange={(to) => change({ tab: to === "profile" ? undefined : (to ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="profile">Profile</Tabs.Tab>
          <Tabs.Tab value="rejects">Rejects{rejected === undefined ? "" : ` (${count(rejected)})`}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Sheets file={file} />
        </Tabs.Panel>
        <Tabs.Panel value="rejects">
          <Rejects file={file} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Facts({ file }: { file: ImportOut }) {
  const { engagement_id: engagement } = useMe();
  const { tone, words } = stateOf(file);
  const rows = rowsOf(file);
  return (
    <Section>
      <dl className={classes.facts}>
        <Fact name="State">
          <Tone tone={tone}>{words}</Tone>
        </Fact>
        <Fact name="Size">{bytes(file.size_bytes)}</Fact>
        {rows !== null && <Fact name="Rows">{counted(rows, "row")}</Fact>}
        {Object.entries(file.profile?.traits ?? {}).map(([name, value]) => (
          <Fact key={name} name={spoken(name)}>
            {value}
          </Fact>
        ))}
        <Fact name="Brought by">{file.uploaded_by}</Fact>
        <Fact name="When">
          <Stamp at={file.created_at} />
        </Fact>
        <Fact name="In the inventory">
          {file.published_by_flow ? (
            <AnchorLink
              to="/e/$engagement/flows/$flowId"
              params={{ engagement, flowId: file.published_by_flow }}
              inherit
            >
              by discovery {file.published_by_flow.slice(0, 8)}
            </AnchorLink>
          ) : (
            "Not yet"
          )}
        </Fact>
        <Fact name="SHA-256">
          <span className="mf-mono" title={file.sha256}>
            {file.sha256.slice(0, 16)}…
          </span>
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
