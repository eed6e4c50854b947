/** Which look is which series. */
import { useId } from "react";
import classes from "./charts.module.css";
import { colour, DASHES, fill, look, Mark, Patterns } from "./patterns";

export interface Series {
  key: string;
  label: string;
  /** The number of its look, where it has to be the same in several charts; else its place in the list. */
  look?: number;
}

export function lookOf(series: readonly Series[], index: number): number {
  return series[index]?.look ?? index;
}

export function Legend({ series, lines = false }: { series: readonly Series[]; lines?: boolean }) {
  const chart = useId();
  return (
    <ul className={classes.legend}>
      {series.map((one, index) => {
        const kind = lookOf(series, index);
        return (
          <li key={one.key}>
            <svg width={lines ? 26 : 14} height={14} aria-hidden>
              {lines ? (
                <>
                  <path d="M0,7 h26" stroke={colour(kind)} strokeWidth={2} strokeDasharray={DASHES[look(kind)]} />
                  <Mark series={kind} x={13} y={7} />
                </>
              ) : (
                <>
                  <Patterns chart={chart} series={[kind]} />
                  <rect width={14} height={14} rx={3} fill={fill(chart, kind)} />
                </>
              )}
            </svg>
            {one.label}
          </li>
        );
      })}
    </ul>
  );
}
