/** Everything that is known of the estate, one row an asset; filtered, sorted and counted by the server. */
import { Box, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconFileImport, IconServer2 } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "@/api/client";
import { useMay, useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SearchBox } from "@/ui/SearchBox";
import { Sheet } from "@/ui/Sheet";
import { one, usePageSearch } from "@/ui/search";
import { AssetTable } from "./AssetTable";
import { useApplications } from "./applications";
import { ExportMenu } from "./ExportMenu";
import { FacetPanel } from "./FacetPanel";
import { FilterChips } from "./FilterChips";
import { type Choice, chipsOf, cleared, filterOf, isFiltered, sortOf, toggled } from "./filter";
import classes from "./InventoryPage.module.css";

export function InventoryPage() {
  const [search, change] = usePageSearch();
  const filter = filterOf(search);
  const facets = $api.useQuery(
    "get",
    "/api/v1/assets/facets",
    { params: { query: filter } },
    { placeholderData: keepPreviousData },
  );
  const applications = useApplications();
  const [isOpen, drawer] = useDisclosure();
  const toggle = (choice: Choice) => change(toggled(search, choice));
  const panel = <FacetPanel facets={facets.data} search={search} onToggle={toggle} />;
  const total = facets.data?.total;

  if (total === 0 && !isFiltered(filter)) return <NothingYet />;
  return (
    <Page
      title="Inventory"
      about={<span aria-live="polite">{told(total, isFiltered(filter))}</span>}
      actions={total ? <ExportMenu filter={filter} /> : undefined}
    >
      {facets.error && <ProblemNote error={facets.error} onRetry={() => void facets.refetch()} />}
      <div className={classes.layout}>
        <Box component="aside" className={classes.facets} aria-label="Filters" visibleFrom="md">
          {panel}
        </Box>
        <div className={classes.main}>
          <Group gap="sm" wrap="nowrap">
            <SearchBox
              flex={1}
              label="Search names, host names and addresses"
              value={one(search, "search") ?? ""}
              onChange={(text) => change({ search: text })}
            />
            <Button
              hiddenFrom="md"
              variant="default"
              flex="none"
              leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
              onClick={drawer.open}
            >
              Filters
            </Button>
          </Group>
          <FilterChips
            chips={chipsOf(search, facets.data, applications.names)}
            onDrop={toggle}
            onClear={() => change(cleared())}
          />
          <AssetTable
            filter={filter}
            sort={sortOf(search)}
            total={total}
            ofAsset={applications.ofAsset}
            onSort={(sort) => change({ sort: sort === "name" ? undefined : sort })}
            onClear={() => change(cleared())}
          />
        </div>
      </div>
      <Sheet title="Filters" isOpen={isOpen} side="left" size="20rem" onClose={drawer.close}>
        {panel}
      </Sheet>
    </Page>
  );
}

function told(total: number | undefined, isNarrowed: boolean): string {
  if (total === undefined) return "What the estate is made of";
  return isNarrowed ? `${counted(total, "asset")} match` : `${counted(total, "asset")} in the estate`;
}

function NothingYet() {
  const { engagement_id: engagement } = useMe();
  const mayImport = useMay("estate.import");
  return (
    <Page title="Inventory">
      <Empty
        icon={IconServer2}
        title="The inventory is empty"
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
        Assets appear here when a discovery has been approved. Bring what you have: an RVTools export, a CMDB extract,
        or any table of servers. Each value keeps the cell it came from.
      </Empty>
    </Page>
  );
}
