/** What the inventory can be narrowed by: each value with how many assets have it. */
import { Button, Checkbox, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { FacetOut, FacetsOut } from "@/api/schema";
import { count } from "@/ui/numbers";
import type { PageSearch } from "@/ui/search";
import classes from "./FacetPanel.module.css";
import { type Choice, choiceLabel, isChosen } from "./filter";

const FEW = 6; // values of a facet before the reader asks for more

export interface FacetPanelProps {
  facets: FacetsOut | undefined;
  search: PageSearch;
  onToggle(choice: Choice): void;
}

export function FacetPanel({ facets, search, onToggle }: FacetPanelProps) {
  if (!facets) {
    return (
      <Stack gap="md" role="status" aria-label="Loading the filters">
        {["a", "b", "c", "d"].map((key) => (
          <Skeleton key={key} height={96} />
        ))}
      </Stack>
    );
  }
  return (
    <Stack gap="lg">
      {facets.facets.map((facet) => (
        <Facet key={facet.field} facet={facet} search={search} onToggle={onToggle} />
      ))}
    </Stack>
  );
}

function Facet({ facet, search, onToggle }: { facet: FacetOut } & Pick<FacetPanelProps, "search" | "onToggle">) {
  const { field, title, more } = facet;
  const values = facet.values.filter(({ value }) => field !== "owner" || value === "unknown");
  const [isOpen, setOpen] = useState(false);
  if (values.length === 0) return null;
  const shown = values.filter((one, index) => isOpen || index < FEW || isChosen(search, { field, value: one.value }));
  const rest = values.length - shown.length;
  return (
    <fieldset className={classes.facet}>
      <legend className={classes.title}>{title}</legend>
      <div className={classes.values}>
        {shown.map(({ value, count: assets, label }) => {
          const choice = { field, value };
          const name = choiceLabel(choice, label);
          return (
            <div key={value ?? ""} className={classes.value}>
              <Checkbox
                size="xs"
                label={name}
                title={name}
                checked={isChosen(search, choice)}
                onChange={() => onToggle(choice)}
                classNames={{ body: classes.body, labelWrapper: classes.labelWrapper, label: classes.label }}
              />
              <Text component="span" size="xs" c="dimmed" className="mf-number">
                {count(assets)}
              </Text>
            </div>
          );
        })}
      </div>
      {(rest > 0 || isOpen) && (
        <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Show fewer" : `Show ${rest} more`}
        </Button>
      )}
      {more > 0 && (isOpen || rest === 0) && (
        <Text size="xs" c="dimmed" mt={4}>
          {count(more)} more: narrow by another filter, or search.
        </Text>
      )}
    </fieldset>
  );
}
