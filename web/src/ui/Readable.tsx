/** Any JSON as people read it: names and values, lists, and tables for what repeats. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { count, counted } from "./numbers";
import classes from "./Readable.module.css";
import { columnsOf, isShort, lineOf, type Part, partsOf, scalarOf, shapeOf } from "./readable";
import type { Schema } from "./schema";

export interface ReadableProps {
  value: unknown;
  /** What it is called, for the tables in it. */
  label: string;
  /** Gives the order and the titles of what is shown. */
  schema?: Schema;
}

export function Readable({ value, label, schema }: ReadableProps) {
  return <Value value={value} name="" label={label} schema={schema} root={schema} depth={0} />;
}

interface ValueProps {
  value: unknown;
  name: string;
  label: string;
  schema: Schema | undefined;
  root: Schema | undefined;
  depth: number;
}

function Value(props: ValueProps) {
  const { value, name } = props;
  switch (shapeOf(value)) {
    case "nothing":
      return (
        <Text component="span" size="md" c="dimmed">
          {Array.isArray(value) ? "none" : "not said"}
        </Text>
      );
    case "scalar":
      return <Scalar value={value} name={name} />;
    case "words":
      return <Words values={value as unknown[]} name={name} />;
    case "table":
      return <Rows {...props} rows={value as Record<string, unknown>[]} />;
    case "list":
      return <Lines {...props} values={value as unknown[]} />;
    case "record":
      return <Parts {...props} record={value as Record<string, unknown>} />;
  }
}

function Scalar({ value, name }: { value: unknown; name: string }) {
  const said = scalarOf(value, name);
  if (said.kind === "id") return <span className={classes.id}>{said.text}</span>;
  return (
    <Text
      component="span"
      size="md"
      c={said.kind === "quiet" ? "dimmed" : undefined}
      className={said.kind === "number" ? "mf-number" : undefined}
    >
      {said.text}
    </Text>
  );
}

const FIRST_WORDS = 30;

function Words({ values, name }: { values: unknown[]; name: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? values : values.slice(0, FIRST_WORDS);
  return (
    <Text component="div" size="md">
      {shown.map((one) => scalarOf(one, name).text).join(", ")}
      {shown.length < values.length && (
        <Button size="compact-xs" variant="subtle" ml="xs" onClick={() => setWhole(true)}>
          and {count(values.length - shown.length)} more
        </Button>
      )}
    </Text>
  );
}

function Parts({ record, schema, root, depth }: ValueProps & { record: Record<string, unknown> }) {
  const parts = partsOf(record, schema, root);
  const short = parts.filter((part) => isShort(part.value));
  const long = parts.filter((part) => !isShort(part.value));
  const inner = (part: Part) => (
    <Value value={part.value} name={part.name} label={part.label} schema={part.schema} root={root} depth={depth + 1} />
  );
  return (
    <Stack gap="lg">
      {short.length > 0 && (
        <dl className={classes.parts}>
          {short.map((part) => (
            <div key={part.name}>
              <dt>{part.label}</dt>
              <dd>{inner(part)}</dd>
            </div>
          ))}
        </dl>
      )}
      {long.map((part) => (
        <div key={part.name} className={classes.long}>
          <Group gap="sm" mb="xs" align="baseline">
            <Text size="md" fw={600}>
              {part.label}
            </Text>
            {Array.isArray(part.value) && (
              <Text size="xs" c="dimmed">
                {counted(part.value.length, "entry", "entries")}
              </Text>
            )}
          </Group>
          <div className={depth > 0 && shapeOf(part.value) === "record" ? classes.nested : undefined}>
            {inner(part)}
          </div>
        </div>
      ))}
    </Stack>
  );
}

const FIRST_ROWS = 50;

function Rows({ rows, label, schema, root }: ValueProps & { rows: Record<string, unknown>[] }) {
  const [shown, setShown] = useState(FIRST_ROWS);
  const columns = columnsOf(rows, schema, root);
  const left = rows.length - shown;
  return (
    <Stack gap="sm">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section className={classes.scroller} aria-label={label} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.name} scope="col" data-numeric={column.isNumeric || undefined}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a result have no names and do not move
              <tr key={index}>
                {columns.map((column) => (
                  <td
                    key={column.name}
                    data-numeric={column.isNumeric || undefined}
                    data-long={column.isLong || undefined}
                  >
                    <Cell value={row[column.name]} name={column.name} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {left > 0 && (
        <Group>
          <Button size="compact-sm" variant="default" onClick={() => setShown(shown + FIRST_ROWS * 4)}>
            Show more, {count(left)} left
          </Button>
        </Group>
      )}
    </Stack>
  );
}

const ID_SHOWN = 8;

function Cell({ value, name }: { value: unknown; name: string }) {
  if (shapeOf(value) === "scalar") {
    const said = scalarOf(value, name);
    if (said.kind !== "id") return said.text;
    return (
      <span className={classes.id} title={said.text}>
        {said.text.slice(0, ID_SHOWN)}
      </span>
    );
  }
  return lineOf(value, name);
}

function Lines({ values, ...props }: ValueProps & { values: unknown[] }) {
  return (
    <Stack gap="sm">
      {values.slice(0, FIRST_ROWS).map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries of a result have no names and do not move
        <div key={index} className={classes.nested}>
          <Value {...props} value={one} schema={undefined} depth={props.depth + 1} />
        </div>
      ))}
      {values.length > FIRST_ROWS && (
        <Text size="sm" c="dimmed">
          and {count(values.length - FIRST_ROWS)} more, which the JSON shows
        </Text>
      )}
    </Stack>
  );
}

/** The same as it is stored. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.json} tabIndex={0} aria-label={label}>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </section>
  );
}
