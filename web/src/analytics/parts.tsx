/** What the parts of the report share. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { AnalyticsOut } from "@/api/schema";

/** How many bars a chart of a long list shows; its table has all. */
export const MOST_BARS = 14;

export interface Part {
  report: AnalyticsOut;
}

export function Nothing({ children }: { children: ReactNode }) {
  return <Text c="dimmed">{children}</Text>;
}
