/** What the sources say beside the known fields, as they say it. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { spoken } from "@/ui/words";
import classes from "./AssetPage.module.css";

export function Attributes({ attributes }: { attributes: Record<string, string> }) {
  const [isOpen, setOpen] = useState(false);
  const pairs = Object.entries(attributes).sort(([one], [other]) => one.localeCompare(other));
  if (pairs.length === 0) return null;
  return (
    <Section
      title="Other columns"
      aside={
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show"} {counted(pairs.length, "column")}
        </Button>
      }
    >
      {isOpen ? (
        <dl className={`${classes.pairs} ${classes.wide}`}>
          {pairs.map(([name, value]) => (
            <div key={name}>
              <dt>{spoken(name)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        "Columns that no field of the inventory stands for are kept as they came."
      )}
    </Section>
  );
}
