/** One column: where it comes from and what it holds, why it is taken for something, and what it goes to. */
import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowRight, IconCheck } from "@tabler/icons-react";
import { useMemo } from "react";
import { Choice } from "@/ui/Choice";
import { share } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import { spoken } from "@/ui/words";
import { withCell, withoutCell } from "../edits";
import type { EvidenceProps } from "../views";
import { isMeasured, isOpen, type Line, meaningOf, UNITS } from "./lines";
import classes from "./Mapping.module.css";

interface RowProps {
  line: Line;
  fields: readonly string[];
  evidence: EvidenceProps;
}

export function MappingRow({ line, fields, evidence }: RowProps) {
  const { draft } = evidence;
  const meaning = meaningOf(line, draft.edits);
  const stillOpen = isOpen(line, draft.edits, draft.accepted);
  return (
    <div className={classes.row} data-open={stillOpen || undefined} data-edited={meaning.isEdited || undefined}>
      <Source line={line} />
      <Why line={line} evidence={evidence} />
      <div className={classes.target}>
        {evidence.mayEdit ? (
          <Target line={line} fields={fields} evidence={evidence} />
        ) : (
          <Text size="md">
            {meaning.field ? spoken(meaning.field) : <Attribute />}
            {meaning.unit && ` in ${meaning.unit}`}
          </Text>
        )}
        <Wrong line={line} evidence={evidence} />
      </div>
    </div>
  );
}

function Source({ line }: { line: Line }) {
  return (
    <div className={classes.source}>
      <Text size="md" fw={600} className={classes.cut} title={line.header}>
        {line.header}
      </Text>
      <Text size="xs" c="dimmed" className={classes.cut}>
        {line.file}
        {line.sheet !== "csv" && ` · ${line.sheet}`}
      </Text>
      <div className={classes.cut} title={line.samples.join(" | ")}>
        {line.samples.length === 0 ? (
          <Text size="xs" c="dimmed" component="span">
            No values
          </Text>
        ) : (
          <span className={classes.samples}>{line.samples.join(" | ")}</span>
        )}
      </div>
    </div>
  );
}

function Why({ line, evidence }: { line: Line; evidence: EvidenceProps }) {
  const { draft } = evidence;
  const { isEdited } = meaningOf(line, draft.edits);
  const isAccepted = draft.accepted.has(line.id);
  return (
    <div className={classes.why}>
      <Group gap={6} wrap="nowrap">
        <IconArrowRight size={16} aria-hidden className={classes.arrow} />
        {isEdited ? (
          <Tone tone="busy">Set by you</Tone>
        ) : isAccepted ? (
          <Tone tone="good">Accepted, {share(line.confidence)} sure</Tone>
        ) : line.needsDecision ? (
          <Tone tone="wait">{line.field ? `${share(line.confidence)} sure` : "Please decide"}</Tone>
        ) : (
          <Tone tone={line.field ? "good" : "rest"}>
            {line.field ? (line.remembered ? "Approved before" : `${share(line.confidence)} sure`) : "Attribute"}
          </Tone>
        )}
        {evidence.mayEdit && <Accept line={line} draft={draft} />}
      </Group>
      <Text size="xs" c="dimmed" className={classes.reason} title={line.reason}>
        {line.reason}
      </Text>
    </div>
  );
}

/** Lets the proposal stand, or looks at it again. */
function Accept({ line, draft }: { line: Line; draft: EvidenceProps["draft"] }) {
  if (isOpen(line, draft.edits, draft.accepted))
    return (
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<IconCheck size={14} aria-hidden />}
        aria-label={`Accept ${line.header} as proposed`}
        onClick={() => draft.accept([line.id], true)}
      >
        Accept
      </Button>
    );
  if (draft.edits[line.id] !== undefined || !draft.accepted.has(line.id)) return null;
  return (
    <ActionIcon
      size={24}
      variant="subtle"
      color="gray"
      aria-label={`Look at ${line.header} again`}
      onClick={() => draft.accept([line.id], false)}
    >
      <IconArrowBackUp size={15} aria-hidden />
    </ActionIcon>
  );
}

function Attribute() {
  return (
    <Text span c="dimmed" inherit>
      Kept as an attribute
    </Text>
  );
}

function Target({ line, fields, evidence: { draft } }: RowProps) {
  const { field, unit, isEdited } = meaningOf(line, draft.edits);
  const options = useMemo(() => optionsOf(line, fields), [line, fields]);
  const setField = (to: string | null) => {
    const edit = { before: line.field, after: to, of: line.header };
    draft.change((edits) => withCell(withoutCell(edits, line.id, "unit"), line.id, "field", edit));
  };
  return (
    <Group gap={6} wrap="nowrap">
      <Choice
        className={classes.field}
        size="xs"
        aria-label={`Field of ${line.header}`}
        placeholder="Kept as an attribute"
        data={options}
        value={field}
        onChange={setField}
        searchable
        clearable
        clearButtonProps={{ "aria-label": `Keep ${line.header} as an attribute`, "aria-hidden": false, tabIndex: 0 }}
        renderOption={({ option }) => <Option field={option.value} label={option.label} line={line} />}
        limit={80}
        nothingFoundMessage="No such field; the column is kept as an attribute"
      />
      {field !== null && isMeasured(line) && (
        <Choice
          className={classes.unit}
          size="xs"
          aria-label={`Unit of ${line.header}`}
          placeholder="unit"
          data={UNITS}
          value={unit}
          onChange={(to) => draft.set(line.id, "unit", { before: line.unit, after: to, of: line.header })}
          searchable
          clearable={unit !== null}
        />
      )}
      {isEdited && (
        <Tooltip label={`Was ${line.field ? spoken(line.field) : "kept as an attribute"}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Undo the edit of ${line.header}`}
            onClick={() => draft.change(({ [line.id]: _, ...rest }) => rest)}
          >
            <IconArrowBackUp size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}

function Option({ field, label, line }: { field: string; label: string; line: Line }) {
  const score = line.field === field ? line.confidence : line.alternatives.find((one) => one.field === field)?.score;
  return (
    <Group justify="space-between" wrap="nowrap" w="100%">
      <span>{label}</span>
      {score !== undefined && (
        <Text span size="xs" c="dimmed" className="mf-number">
          {share(score)}
        </Text>
      )}
    </Group>
  );
}

/** What a column may be first, then every field. */
function optionsOf(line: Line, fields: readonly string[]) {
  const scores = new Map(line.alternatives.map(({ field, score }) => [field, score]));
  if (line.field !== null && !scores.has(line.field)) scores.set(line.field, line.confidence);
  const likely = [...scores].sort(([, one], [, other]) => other - one);
  const rest = fields.filter((field) => !scores.has(field)).map((field) => ({ value: field, label: spoken(field) }));
  if (likely.length === 0) return rest;
  return [
    {
      group: "May be",
      items: likely.map(([field]) => ({ value: field, label: spoken(field) })),
    },
    { group: "All fields", items: rest },
  ];
}

function Wrong({ line, evidence: { problems } }: { line: Line; evidence: EvidenceProps }) {
  const said = [...new Set([...problems.at(line.id, "field"), ...problems.at(line.id, "unit")])];
  return said.map((sentence) => (
    <Text key={sentence} size="xs" className={classes.wrong} role="alert">
      {sentence}
    </Text>
  ));
}
