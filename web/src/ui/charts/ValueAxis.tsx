/** The axis at the left of standing charts: lines, values, and the unit above them. */
import classes from "./charts.module.css";
import type { Scale } from "./scale";

export interface ValueAxisProps {
  scale: Scale;
  left: number;
  right: number;
  ground: number;
  unit: string;
  format(value: number): string;
}

export function ValueAxis({ scale, left, right, ground, unit, format }: ValueAxisProps) {
  return (
    <g className={classes.axis} aria-hidden>
      <text x={0} y={11} className={classes.unit}>
        {unit}
      </text>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={ground - scale(tick)} y2={ground - scale(tick)} />
          <text x={left - 8} y={ground - scale(tick) + 4} textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      <line x1={left} x2={right} y1={ground} y2={ground} className={classes.baseline} />
    </g>
  );
}
