/** Values of an asset, each with the cell it came from; what other sources say stands below it. */
import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { FactOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import classes from "./FactTable.module.css";
import { type FieldFacts, ruleText, sourceText } from "./facts";
import { spokenValue, titleOf } from "./fields";
import { NotKnown } from "./parts";

export function FactTable({ label, fields }: { label: string; fields: FieldFacts[] }) {
  return (
    <div className={classes.scroller}>
      <table className={classes.table} aria-label={label}>
        <thead className="mf-skip">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">Where it comes from</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((facts) => (
            <FieldRow key={facts.field} facts={facts} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FieldRow({ facts }: { facts: FieldFacts }) {
  const { field, shown, chosen, agreeing, differing } = facts;
  const value = shown ?? (chosen && withUnit(chosen));
  return (
    <tr>
      <th scope="row">{titleOf(field)}</th>
      <td className={classes.value}>{value ?? <NotKnown />}</td>
      <td>
        <Stack gap={4}>
          {chosen && <SourceLine fact={chosen} />}
          {differing.map((fact) => (
            <Group key={sourceText(fact.source) + fact.value} gap="xs" className={classes.lost}>
              <Tone tone="wait">Differs</Tone>
              <Text component="span" size="md">
                {withUnit(fact)}
              </Text>
              <SourceLine fact={fact} />
            </Group>
          ))}
          {agreeing.length > 0 && <Agreeing facts={agreeing} />}
        </Stack>
      </td>
    </tr>
  );
}

function Agreeing({ facts }: { facts: FactOut[] }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton
        className={classes.more}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon size={13} aria-hidden /> {counted(facts.length, "source says", "sources say")} the same
      </UnstyledButton>
      <Stack id={id} gap={2} pl="lg" hidden={!isOpen}>
        {isOpen && facts.map((fact) => <SourceLine key={sourceText(fact.source) + fact.rule} fact={fact} />)}
      </Stack>
    </div>
  );
}

export function SourceLine({ fact }: { fact: FactOut }) {
  return (
    <Text component="span" size="sm" c="dimmed" className={classes.source}>
      {sourceText(fact.source)}
      {fact.rule !== "text" && ` · read as ${ruleText(fact.rule)}`}
    </Text>
  );
}

/** A value as its source states it, with its unit. */
function withUnit({ field, value, unit }: FactOut): string {
  const said = spokenValue(field, value);
  return unit && unit !== "MiB" && unit !== "percent" ? `${said} ${unit}` : said;
}
