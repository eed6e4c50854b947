/** The page when no dependency is known: why, and what would show them. */
import { List } from "@mantine/core";
import { IconAffiliate, IconFileImport } from "@tabler/icons-react";
import { useMay, useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { Page } from "@/ui/Page";

export function NothingKnown() {
  const { engagement_id: engagement } = useMe();
  const mayImport = useMay("estate.import");
  return (
    <Page title="Dependencies">
      <Empty
        icon={IconAffiliate}
        title="No dependency is known yet"
        action={
          mayImport && (
            <ButtonLink
              to="/e/$engagement/imports"
              params={{ engagement }}
              leftSection={<IconFileImport size={16} aria-hidden />}
            >
              Import files
            </ButtonLink>
          )
        }
      >
        Lists of servers do not say who talks to whom. Bring one of these, then run a discovery again:
        <List ta="left" mt="sm" mx="auto" w="fit-content">
          <List.Item>a summary of network flows (NetFlow), for ports and traffic</List.Item>
          <List.Item>the relations of a CMDB, such as cmdb_rel_ci of ServiceNow</List.Item>
          <List.Item>socket lists of the servers, or traces of the applications</List.Item>
        </List>
      </Empty>
    </Page>
  );
}
