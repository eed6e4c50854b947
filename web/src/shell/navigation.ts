/** The places of the application, in the order in which a programme visits them. */
import {
  IconAffiliate,
  IconChartBar,
  IconClipboardCheck,
  IconFileImport,
  IconInbox,
  IconRoute2,
  IconScale,
  IconServer2,
  IconSettings,
  IconTimeline,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Operation } from "@/api/schema";

export interface Place {
  to: string;
  label: string;
  icon: TablerIcon;
  /** The letter after `g` that leads here. */
  key: string;
  needs: Operation;
}

export interface PlaceGroup {
  title: string | null;
  places: Place[];
}

const HERE = "/e/$engagement";

export const NAVIGATION: PlaceGroup[] = [
  {
    title: null,
    places: [
      { to: `${HERE}/flows`, label: "Flows", icon: IconRoute2, key: "f", needs: "flows.read" },
      { to: `${HERE}/inbox`, label: "Inbox", icon: IconInbox, key: "i", needs: "flows.read" },
    ],
  },
  {
    title: "Estate",
    places: [
      { to: `${HERE}/imports`, label: "Imports", icon: IconFileImport, key: "m", needs: "estate.read" },
      { to: `${HERE}/inventory`, label: "Inventory", icon: IconServer2, key: "v", needs: "estate.read" },
      { to: `${HERE}/conflicts`, label: "Conflicts", icon: IconScale, key: "c", needs: "estate.read" },
      { to: `${HERE}/dependencies`, label: "Dependencies", icon: IconAffiliate, key: "d", needs: "estate.read" },
    ],
  },
  {
    title: "Decisions",
    places: [
      { to: `${HERE}/assessment`, label: "Assessment", icon: IconClipboardCheck, key: "a", needs: "results.read" },
      { to: `${HERE}/plan`, label: "Plan", icon: IconTimeline, key: "p", needs: "results.read" },
    ],
  },
  {
    title: "Programme",
    places: [
      { to: `${HERE}/insights`, label: "Insights", icon: IconChartBar, key: "s", needs: "flows.read" },
      { to: `${HERE}/admin`, label: "Admin", icon: IconSettings, key: "x", needs: "members.read" },
    ],
  },
];
