/** The values at one place of a chart. */
import classes from "./charts.module.css";
import type { Series } from "./Legend";

export interface TipProps {
  title: string;
  series: readonly Series[];
  values: readonly (number | null)[];
  format(value: number): string;
  sum?: number;
}

export function Tip({ title, series, values, format, sum }: TipProps) {
  const isMany = series.length > 1;
  return (
    <>
      <strong>{title}</strong>
      <dl>
        {series.map((one, index) => {
          const value = values[index];
          return value === null || value === undefined ? null : (
            <div key={one.key}>
              <dt>{one.label}</dt>
              <dd>{format(value)}</dd>
            </div>
          );
        })}
        {isMany && sum !== undefined && (
          <div className={classes.tipSum}>
            <dt>In all</dt>
            <dd>{format(sum)}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
