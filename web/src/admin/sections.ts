/** The parts of the administration, in the order of the list at the side. */
import {
  IconBuilding,
  IconCalendarTime,
  IconDeviceLaptop,
  IconHeartbeat,
  IconKey,
  IconListSearch,
  IconRobot,
  IconUsers,
  IconWebhook,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Operation } from "@/api/schema";

export const SECTIONS = [
  { key: "client", label: "Client and engagements", icon: IconBuilding, needs: null },
  { key: "people", label: "People and roles", icon: IconUsers, needs: "members.read" },
  { key: "service-accounts", label: "Service accounts", icon: IconRobot, needs: "client.manage" },
  { key: "tokens", label: "Tokens", icon: IconKey, needs: null },
  { key: "sessions", label: "My sessions", icon: IconDeviceLaptop, needs: null },
  { key: "schedules", label: "Schedules", icon: IconCalendarTime, needs: "flows.read" },
  { key: "webhooks", label: "Webhooks", icon: IconWebhook, needs: "webhooks.manage" },
  { key: "audit", label: "Audit", icon: IconListSearch, needs: "audit.read" },
  { key: "health", label: "Health", icon: IconHeartbeat, needs: null },
] as const satisfies readonly { key: string; label: string; icon: TablerIcon; needs: Operation | null }[];

export type SectionKey = (typeof SECTIONS)[number]["key"];

export function sectionOf(key: string | undefined): (typeof SECTIONS)[number] | undefined {
  return key === undefined ? SECTIONS[0] : SECTIONS.find((section) => section.key === key);
}
