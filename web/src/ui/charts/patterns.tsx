/** The looks of a series: a colour, a pattern over it, a dash and a mark, so that no two are told apart by colour alone. */
import classes from "./charts.module.css";

const MOST_SERIES = 7;
const TILE = 8;

/** The shapes of the patterns, by number of the series; the first is plain. */
const SHAPES = [
  null,
  "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4",
  "M0,4 h8",
  "M2,2 h0.01 M6,6 h0.01",
  "M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4",
  "M4,0 v8",
  "M0,4 h8 M4,0 v8",
];

export const DASHES = [undefined, "6 4", "2 3", "10 3 2 3", "12 4", "1 4", "8 3 2 3 2 3"];

export function look(series: number): number {
  return series % MOST_SERIES;
}

export function colour(series: number): string {
  return `var(--mf-series-${look(series) + 1})`;
}

function patternId(chart: string, series: number): string {
  return `${chart}-${look(series)}`;
}

export function fill(chart: string, series: number): string {
  return look(series) === 0 ? colour(series) : `url(#${patternId(chart, series)})`;
}

/** The patterns of a chart; `chart` is its own id in the page. */
export function Patterns({ chart, series }: { chart: string; series: readonly number[] }) {
  return (
    <defs>
      {series.map((one) => (
        <pattern
          key={one}
          id={patternId(chart, one)}
          width={TILE}
          height={TILE}
          patternUnits="userSpaceOnUse"
          className={classes.pattern}
        >
          <rect width={TILE} height={TILE} fill={colour(one)} />
          <path d={SHAPES[look(one)] ?? ""} />
        </pattern>
      ))}
    </defs>
  );
}

/** The mark of a series on a line: circle, square, diamond, triangle, and so on. */
export function Mark({ series, x, y, size = 3.5 }: { series: number; x: number; y: number; size?: number }) {
  return <path d={markPath(look(series), x, y, size)} fill={colour(series)} className={classes.mark} />;
}

function markPath(kind: number, x: number, y: number, r: number): string {
  if (kind === 1) return `M${x - r},${y - r} h${2 * r} v${2 * r} h${-2 * r} z`;
  if (kind === 2)
    return `M${x},${y - r * 1.3} l${r * 1.3},${r * 1.3} l${-r * 1.3},${r * 1.3} l${-r * 1.3},${-r * 1.3} z`;
  if (kind === 3) return `M${x},${y - r * 1.2} l${r * 1.3},${r * 2.2} h${-r * 2.6} z`;
  if (kind === 4) return `M${x},${y + r * 1.2} l${r * 1.3},${-r * 2.2} h${-r * 2.6} z`;
  return `M${x - r},${y} a${r},${r} 0 1,0 ${2 * r},0 a${r},${r} 0 1,0 ${-2 * r},0`;
}
