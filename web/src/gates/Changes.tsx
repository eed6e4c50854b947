/** All edits so far, before beside after, with what is against them; each goes back by one click. */
import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { $api } from "@/api/client";
import type { EditProblemOut as EditProblem, GateOut } from "@/api/schema";
import { count, counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Tone } from "@/ui/Tone";
import { spoken } from "@/ui/words";
import { countOf, listOf, textOf } from "./edits";
import classes from "./GatePage.module.css";
import type { Draft } from "./useDraft";
import type { PreviewState } from "./usePreview";

const MOST_SHOWN = 300;

interface ChangesProps {
  gate: GateOut;
  draft: Draft;
  state: PreviewState;
}

export function Changes({ gate, draft, state }: ChangesProps) {
  const edits = countOf(draft.edits);
  if (edits === 0) return null;
  return (
    <Section
      flush
      title={edits === 1 ? "Your edit" : `Your ${counted(edits, "edit")}`}
      aside={
        <Group gap="sm">
          <PreviewTone state={state} />
          <Button size="compact-sm" variant="default" onClick={draft.clear}>
            Undo all
          </Button>
        </Group>
      }
    >
      {state.error !== null && state.error !== undefined && <ProblemNote error={state.error} />}
      <Summary state={state} />
      <ChangeRows gate={gate} draft={draft} problems={state.preview?.problems ?? []} />
    </Section>
  );
}

export function PreviewTone({ state }: { state: PreviewState }) {
  const problems = state.preview?.problems.length ?? 0;
  return (
    <span role="status">
      {state.error ? (
        <Tone tone="bad">Not checked</Tone>
      ) : state.isOld || !state.preview ? (
        <Tone tone="busy">Checking</Tone>
      ) : problems > 0 ? (
        <Tone tone="bad">{counted(problems, "problem")}</Tone>
      ) : (
        <Tone tone="good">Nothing against it</Tone>
      )}
    </span>
  );
}

/** What the output comes to with the edits, in the phase's own figures. */
function Summary({ state }: { state: PreviewState }) {
  const figures = Object.entries(state.preview?.summary ?? {}).filter(([, value]) => value !== null);
  if (figures.length === 0) return null;
  return (
    <Group gap="lg" px="sm" py="xs">
      {figures.map(([name, value]) => (
        <Text key={name} size="sm">
          <Text span c="dimmed" inherit>
            {spoken(name)}
          </Text>{" "}
          {typeof value === "number" ? figure(value) : textOf(value)}
        </Text>
      ))}
    </Group>
  );
}

function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)));
}

interface RowsProps {
  gate: GateOut;
  draft: Draft;
  problems: readonly EditProblem[];
}

function ChangeRows({ gate, draft, problems }: RowsProps) {
  const headers = useHeaders(gate);
  const changes = listOf(draft.edits);
  const general = problems.filter(({ row }) => row === null || !draft.edits[row]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Edits">
      {general.length > 0 && (
        <ul className={classes.problems} style={{ padding: "0.5rem 0.75rem 0.5rem 2rem" }}>
          {[...new Set(general.map(({ message }) => message))].map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
      <table className={classes.changes}>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Column</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">Undo</th>
          </tr>
        </thead>
        <tbody>
          {changes.slice(0, MOST_SHOWN).map(({ row, field, before, after, of }) => (
            <tr key={`${row} ${field}`}>
              <td>
                {of ?? row}
                <Wrong problems={problems.filter((one) => one.row === row && (one.field ?? field) === field)} />
              </td>
              <td>{headers.get(field) ?? spoken(field)}</td>
              <td className={classes.before}>{textOf(before) || "empty"}</td>
              <td className={classes.after}>{textOf(after) || "empty"}</td>
              <td>
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label={`Undo: ${headers.get(field) ?? field} of ${of ?? row}`}
                  onClick={() => draft.putBack(row, field)}
                >
                  <IconArrowBackUp size={15} aria-hidden />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length > MOST_SHOWN && (
        <Text size="sm" c="dimmed" p="sm">
          and {counted(changes.length - MOST_SHOWN, "edit")} more, marked in the table
        </Text>
      )}
    </section>
  );
}

function Wrong({ problems }: { problems: readonly EditProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className={classes.problems}>
      {problems.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  );
}

/** The headers of the gate's columns by key. */
function useHeaders(gate: GateOut): ReadonlyMap<string, string> {
  const { data } = $api.useQuery("get", "/api/v1/gates/{gate_id}/table", {
    params: { path: { gate_id: gate.id }, query: { limit: 1 } },
  });
  return new Map(data?.columns.map(({ key, header }) => [key, header]));
}
