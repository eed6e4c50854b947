/** A strategy by its word, with the colour that charts give it. */
import { Group, Text, VisuallyHidden } from "@mantine/core";
import type { Strategy } from "@/api/schema";
import { spoken } from "@/ui/words";
import classes from "./assessments.module.css";

export function StrategyTag({ strategy, was }: { strategy: Strategy; was?: Strategy }) {
  return (
    <Group component="span" gap={6} wrap="nowrap" display="inline-flex">
      <span className={classes.swatch} data-part={strategy} aria-hidden />
      <Text component="span" inherit>
        {spoken(strategy)}
        {was && was !== strategy && (
          <>
            {" "}
            <Text component="span" inherit className={classes.was}>
              <VisuallyHidden>instead of </VisuallyHidden>
              {spoken(was)}
            </Text>
          </>
        )}
      </Text>
    </Group>
  );
}
