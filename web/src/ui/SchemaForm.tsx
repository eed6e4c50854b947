/** A form made of a JSON schema: what the API describes can be filled in without a line written for it. */
import { Badge, Box, Collapse, Stack, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { SchemaField } from "./SchemaField";
import classes from "./SchemaForm.module.css";
import { isRecord, type Schema } from "./schema";
import { groupsOf, isWide } from "./schemaLayout";
import type { Wrongs } from "./schemaValues";

export interface SchemaFormProps {
  schema: Schema;
  value: Record<string, unknown>;
  onChange(value: Record<string, unknown>): void;
  /** What is wrong, by place: `freezes.0.start`. */
  wrongs?: Wrongs;
}

export function SchemaForm({ schema, value, onChange, wrongs = {} }: SchemaFormProps) {
  return <ObjectFields schema={schema} root={schema} value={value} onChange={onChange} at="" wrongs={wrongs} />;
}

export interface PartProps {
  schema: Schema;
  root: Schema;
  at: string;
  wrongs: Wrongs;
}

export function ObjectFields(
  props: PartProps & { value: Record<string, unknown>; onChange(value: Record<string, unknown>): void },
) {
  const { schema } = props;
  return (
    <Stack gap="md">
      {groupsOf(schema).map((group, index) =>
        group.title === null ? (
          <Fields key="" {...props} names={group.names} />
        ) : (
          <Fold key={group.title} {...props} title={group.title} names={group.names} isFirst={index === 0} />
        ),
      )}
    </Stack>
  );
}

type GroupProps = Parameters<typeof ObjectFields>[0] & { names: string[] };

function Fields({ schema, root, at, wrongs, value, onChange, names }: GroupProps) {
  return (
    <div className={classes.fields}>
      {names.map((name) => {
        const property = schema.properties?.[name] ?? {};
        return (
          <Box key={name} className={isWide(property, root) ? classes.whole : undefined}>
            <SchemaField
              name={name}
              schema={property}
              root={root}
              at={at ? `${at}.${name}` : name}
              wrongs={wrongs}
              isRequired={schema.required?.includes(name) ?? false}
              value={value[name]}
              onChange={(changed) => onChange({ ...value, [name]: changed })}
            />
          </Box>
        );
      })}
    </div>
  );
}

function Fold({ title, isFirst, ...props }: GroupProps & { title: string; isFirst: boolean }) {
  const id = useId();
  const wrong = props.names.filter((name) => hasWrong(props.wrongs, props.at ? `${props.at}.${name}` : name)).length;
  const [isOpen, setOpen] = useState(
    () => isFirst || props.names.some((name) => isSaid(props.value[name], props.schema, name)),
  );
  const isShown = isOpen || wrong > 0;
  return (
    <div className={classes.fold}>
      <UnstyledButton
        className={classes.summary}
        aria-expanded={isShown}
        aria-controls={id}
        onClick={() => setOpen(!isShown)}
      >
        <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={isShown || undefined} />
        {title}
        {wrong > 0 && (
          <Badge color="red" size="sm">
            {wrong} to correct
          </Badge>
        )}
      </UnstyledButton>
      <Collapse expanded={isShown} id={id}>
        <Fields {...props} />
      </Collapse>
    </div>
  );
}

function hasWrong(wrongs: Wrongs, at: string): boolean {
  return Object.keys(wrongs).some((place) => place === at || place.startsWith(`${at}.`));
}

/** Whether somebody said something other than the schema's own default. */
function isSaid(value: unknown, schema: Schema, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isRecord(value)) return Object.keys(value).length > 0;
  return value !== schema.properties?.[name]?.default;
}
