/** One cell that a person may edit: marked once edited, with what it held, a way back, and what is wrong with it. */
import { ActionIcon, NativeSelect, TextInput, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { Choice } from "@/ui/Choice";
import type { CellValue, TableColumn } from "./cells";
import classes from "./EvidenceTable.module.css";
import { type Edit, entered, textOf } from "./edits";

const FEW = 12;

export interface EditCellProps {
  label: string;
  column: Pick<TableColumn, "kind" | "choices" | "header">;
  value: CellValue;
  edit?: Edit;
  problems: string[];
  onSet(value: CellValue): void;
  onUndo(): void;
}

export function EditCell(props: EditCellProps) {
  const { label, edit, problems, onUndo } = props;
  const said = useId();
  const isWrong = problems.length > 0;
  return (
    <div className={classes.cell}>
      <div className={classes.input} data-edited={edit ? true : undefined} data-wrong={isWrong || undefined}>
        <Editor {...props} said={isWrong ? said : undefined} />
      </div>
      {isWrong && (
        <Tooltip label={problems.join(" ")} multiline maw={340}>
          <span className={classes.wrong}>
            <IconAlertTriangle size={16} aria-hidden />
            <VisuallyHidden id={said}>{problems.join(" ")}</VisuallyHidden>
          </span>
        </Tooltip>
      )}
      {edit && (
        <>
          <span className={classes.was} title={`Was ${textOf(edit.before) || "empty"}`}>
            was {textOf(edit.before) || "empty"}
          </span>
          <ActionIcon size={24} variant="subtle" color="gray" aria-label={`Undo the edit of ${label}`} onClick={onUndo}>
            <IconArrowBackUp size={15} aria-hidden />
          </ActionIcon>
        </>
      )}
    </div>
  );
}

function Editor(props: EditCellProps & { said?: string }) {
  const { label, column, value, edit, onSet, said } = props;
  const now = textOf(edit ? edit.after : value);
  const choices = column.kind === "boolean" && column.choices.length === 0 ? ["true", "false"] : column.choices;
  const common = { "aria-label": label, "aria-invalid": said ? true : undefined, "aria-describedby": said, size: "xs" };
  if (choices.length === 0)
    return (
      <Text
        {...common}
        text={now}
        isNumber={column.kind === "number"}
        onText={(text) => onSet(entered(text, column.kind))}
      />
    );
  if (choices.length > FEW)
    return (
      <Choice
        {...common}
        data={choices}
        value={now || null}
        onChange={(to) => onSet(to)}
        searchable
        clearable
        placeholder="none"
        limit={200}
      />
    );
  const data = [...new Set(["", ...(choices.includes(now) ? [] : [now]), ...choices])];
  return (
    <NativeSelect
      {...common}
      data={data.map((one) => ({ value: one, label: one || "none" }))}
      value={now}
      onChange={(event) => onSet(entered(event.currentTarget.value, column.kind))}
    />
  );
}

interface TextProps {
  text: string;
  isNumber: boolean;
  onText(text: string): void;
}

/** A text that is taken over when one leaves it or presses Enter; Escape puts back what was there. */
function Text({ text, isNumber, onText, ...common }: TextProps) {
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") onText(draft);
    if (event.key === "Escape") setDraft(text);
  };
  return (
    <TextInput
      {...common}
      value={draft}
      inputMode={isNumber ? "decimal" : undefined}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => draft !== text && onText(draft)}
      onKeyDown={onKey}
    />
  );
}
