/** The state of a form made of a schema: its values, and what is wrong with them before and after they are sent. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { ApiProblem } from "@/api/problem";
import type { SchemaFormProps } from "./SchemaForm";
import { isRecord, type Schema, schemaFrom } from "./schema";
import { blank, filled, placed, pruned, type Wrongs, wrongsOf } from "./schemaValues";

export interface SchemaFormState {
  props: SchemaFormProps;
  /** What is to be sent; null, with the wrong fields marked and the first in focus, if it cannot be. */
  checked(): Record<string, unknown> | null;
  /** Mark the fields that the server refused. */
  refuse(error: unknown): void;
}

export function useSchemaForm(
  json: unknown,
  given: Record<string, unknown> | undefined,
  within: readonly string[] = [],
): SchemaFormState {
  const schema = useMemo(() => schemaFrom(json), [json]);
  const [value, setValue] = useState(() => started(schema, given));
  const [wrongs, setWrongs] = useState<Wrongs>({});
  const [marked, setMarked] = useState(0);
  useEffect(() => {
    if (marked > 0) document.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
  }, [marked]);
  const mark = useCallback((found: Wrongs) => {
    setWrongs(found);
    if (Object.keys(found).length > 0) setMarked((times) => times + 1);
  }, []);
  return {
    props: { schema, value, onChange: setValue, wrongs },
    checked: () => {
      const found = wrongsOf(schema, schema, value);
      mark(found);
      const sent = pruned(schema, schema, value);
      return Object.keys(found).length === 0 && isRecord(sent) ? sent : null;
    },
    refuse: (error) => {
      if (error instanceof ApiProblem) mark(placed(error.problem.errors ?? [], within));
    },
  };
}

function started(schema: Schema, given: Record<string, unknown> | undefined): Record<string, unknown> {
  if (given) return filled(schema, schema, given);
  const value = blank(schema, schema);
  return isRecord(value) ? value : {};
}
