/** One of seven strategies, each with what it means; the one of the rules is marked. */
import { Group, Radio, Stack, Text } from "@mantine/core";
import type { Strategy } from "@/api/schema";
import { spoken } from "@/ui/words";
import classes from "./assessments.module.css";
import { isStrategy, STRATEGIES, STRATEGY_MEANS } from "./words";

export interface StrategyPickerProps {
  value: Strategy | null;
  rule?: Strategy;
  onChange(strategy: Strategy): void;
}

export function StrategyPicker({ value, rule, onChange }: StrategyPickerProps) {
  return (
    <Radio.Group
      label="Strategy"
      value={value ?? ""}
      onChange={(next) => {
        if (isStrategy(next)) onChange(next);
      }}
    >
      <Stack gap="xs" mt="xs">
        {STRATEGIES.map((strategy) => (
          <Radio
            key={strategy}
            value={strategy}
            description={STRATEGY_MEANS[strategy]}
            label={
              <Group component="span" gap={6}>
                <span className={classes.swatch} data-part={strategy} aria-hidden />
                <span>{spoken(strategy)}</span>
                {strategy === rule && (
                  <Text component="span" size="sm" c="dimmed">
                    (the rules say this)
                  </Text>
                )}
              </Group>
            }
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
