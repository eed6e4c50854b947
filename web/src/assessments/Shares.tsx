/** Parts of a whole: one bar, and the table of its figures, whose rows narrow the list below. */
import { Stack, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { count, share } from "@/ui/numbers";
import classes from "./assessments.module.css";

export interface Part {
  key: string;
  /** How it looks: a strategy, or a tone. */
  look: string;
  label: string;
  value: number;
  /** Figures after count and share, by the further headers. */
  more?: ReactNode[];
}

export interface SharesProps {
  label: string;
  unit: string;
  parts: Part[];
  headers?: string[];
  chosen?: string[];
  onChoose?(key: string): void;
}

export function Shares({ label, unit, parts, headers = [], chosen = [], onChoose }: SharesProps) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <Stack gap="sm">
      <ShareBar label={label} parts={parts} />
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">{label}</th>
            <th scope="col" data-numeric>
              {unit}
            </th>
            <th scope="col" data-numeric>
              Share
            </th>
            {headers.map((header) => (
              <th key={header} scope="col" data-numeric>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr
              key={part.key}
              data-none={part.value === 0 || undefined}
              data-chosen={chosen.includes(part.key) || undefined}
            >
              <td>
                <Name part={part} isChosen={chosen.includes(part.key)} onChoose={onChoose} />
              </td>
              <td data-numeric>{count(part.value)}</td>
              <td data-numeric>{whole === 0 ? "–" : share(part.value / whole)}</td>
              {part.more?.map((figure, index) => (
                <td key={headers[index]} data-numeric>
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Stack>
  );
}

function Name({ part, isChosen, onChoose }: { part: Part; isChosen: boolean; onChoose?(key: string): void }) {
  const shown = (
    <>
      <span className={classes.swatch} data-part={part.look} aria-hidden />
      {part.label}
    </>
  );
  if (!onChoose || part.value === 0) return <span className={classes.pick}>{shown}</span>;
  return (
    <UnstyledButton className={classes.pick} aria-pressed={isChosen} onClick={() => onChoose(part.key)}>
      {shown}
    </UnstyledButton>
  );
}

/** The bar alone; its figures have to stand beside it. */
export function ShareBar({ label, parts, thin }: { label: string; parts: Part[]; thin?: boolean }) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  const filled = parts.filter((part) => part.value > 0);
  const said = filled.map((part) => `${part.label} ${count(part.value)}`).join(", ");
  return (
    <div className={classes.bar} data-thin={thin || undefined} role="img" aria-label={`${label}: ${said || "nothing"}`}>
      {filled.map((part) => (
        <div
          key={part.key}
          className={classes.segment}
          data-part={part.look}
          style={{ flexGrow: part.value / whole, flexBasis: 0 }}
          title={`${part.label}: ${count(part.value)} (${share(part.value / whole)})`}
        />
      ))}
    </div>
  );
}
