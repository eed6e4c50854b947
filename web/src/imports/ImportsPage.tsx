/** The files of the engagement: bring them, see what they are, and start a discovery from them. */
import { Tabs } from "@mantine/core";
import { useMay } from "@/session/me";
import { Page } from "@/ui/Page";
import { one, usePageSearch } from "@/ui/search";
import { Bring } from "./Bring";
import { FileList } from "./FileList";
import { LearnedHeaders } from "./LearnedHeaders";
import { useUploads } from "./useUploads";

export function ImportsPage() {
  const [search, change] = usePageSearch();
  const tab = one(search, "tab") === "learned" ? "learned" : "files";
  const mayImport = useMay("estate.import");
  const uploads = useUploads();
  return (
    <Page title="Imports" about="Exports of the estate, as somebody brought them. Discoveries are made from them.">
      <Tabs
        value={tab}
        onChange={(to) => change({ tab: to === "files" ? undefined : (to ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="files">Files</Tabs.Tab>
          <Tabs.Tab value="learned">Learned headers</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="files">
          {mayImport && <Bring uploads={uploads} />}
          <FileList fresh={uploads.arrived} />
        </Tabs.Panel>
        <Tabs.Panel value="learned">
          <LearnedHeaders />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
