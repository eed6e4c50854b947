/** Lines over days, with the area under them where there is one; each is named at its end or in the legend. */

import { shortDay } from "../days";
import { count } from "../numbers";
import { dayOf } from "../time";
import { ChartFrame, type Drawing } from "./ChartFrame";
import classes from "./charts.module.css";
import { Legend, lookOf, type Series } from "./Legend";
import { colour, DASHES, look, Mark } from "./patterns";
import { apart, fitted, labelled, type Quantity, type Scale, scaleOf, textWidth } from "./scale";
import { Tip } from "./Tip";
import { ValueAxis } from "./ValueAxis";

export interface LineChartProps {
  /** One sentence that says what the chart shows. */
  label: string;
  /** ISO days, in order. */
  days: readonly string[];
  series: readonly Series[];
  /** For each series a value for each day; null where nothing was measured. */
  values: readonly (readonly (number | null)[])[];
  unit: string;
  quantity?: Quantity;
  format?: (value: number) => string;
  height?: number;
  area?: boolean;
}

const TOP = 26;
const BOTTOM = 26;
const NAMES_FROM = 560;
const MOST_NAMED = 5;
const NAME_ROOM = 150;
const MARKS_UP_TO = 45;
const DAY_ROOM = 62;

export function LineChart(props: LineChartProps) {
  return (
    <>
      <Legend series={props.series} lines />
      <ChartFrame label={props.label} draw={(width, active) => drawn(props, width, active)} />
    </>
  );
}

interface Place {
  left: number;
  right: number;
  ground: number;
  isNamed: boolean;
  scale: Scale;
  x(index: number): number;
}

function drawn(props: LineChartProps, width: number, active: number | null): Drawing {
  const { days, series, values, format = count, height = 240 } = props;
  const place = placed(props, width, height);
  const { ground, scale, x } = place;
  return {
    height,
    spots: days.map((day, index) => ({
      x: x(index),
      y: TOP,
      tip: (
        <Tip title={dayOf(day)} series={series} values={values.map((line) => line[index] ?? null)} format={format} />
      ),
    })),
    find: (at) => nearest(at, days.length, x),
    body: (
      <>
        <ValueAxis
          scale={scale}
          left={place.left}
          right={place.right}
          ground={ground}
          unit={props.unit}
          format={format}
        />
        <Days days={days} place={place} />
        {active !== null && <line x1={x(active)} x2={x(active)} y1={TOP} y2={ground} className={classes.guide} />}
        {series.map((one, index) => (
          <Line key={one.key} props={props} index={index} place={place} active={active} />
        ))}
        {place.isNamed && <Names props={props} place={place} width={width} />}
      </>
    ),
  };
}

function placed(props: LineChartProps, width: number, height: number): Place {
  const { days, series, values, quantity = "count", format = count } = props;
  const ground = height - BOTTOM;
  const max = Math.max(0, ...values.flat().map((value) => value ?? 0));
  const scale = scaleOf(max, ground - TOP, { quantity });
  const isNamed = width >= NAMES_FROM && series.length > 1 && series.length <= MOST_NAMED;
  const left = Math.max(...scale.ticks.map((tick) => textWidth(format(tick)))) + 10;
  const right = isNamed ? width - NAME_ROOM : width - 6;
  const step = days.length > 1 ? (right - left - 8) / (days.length - 1) : 0;
  return {
    left,
    right,
    ground,
    isNamed,
    scale,
    x: (index) => left + 4 + (step === 0 ? (right - left) / 2 : step * index),
  };
}

/** The day that is nearest to a place; null if there is none. */
function nearest(at: number, days: number, x: (index: number) => number): number | null {
  if (days === 0) return null;
  const step = days > 1 ? x(1) - x(0) : 1;
  return Math.min(days - 1, Math.max(0, Math.round((at - x(0)) / step)));
}

/** Pieces of a line without the days on which nothing was measured. */
export function pieces(values: readonly (number | null)[]): { index: number; value: number }[][] {
  const found: { index: number; value: number }[][] = [];
  let piece: { index: number; value: number }[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (piece.length > 0) found.push(piece);
      piece = [];
    } else piece.push({ index, value });
  });
  return piece.length > 0 ? [...found, piece] : found;
}

interface LineProps {
  props: LineChartProps;
  index: number;
  place: Place;
  active: number | null;
}

function Line({ props, index, place, active }: LineProps) {
  const { x, ground, scale } = place;
  const kind = lookOf(props.series, index);
  const line = props.values[index] ?? [];
  return pieces(line).map((piece) => {
    const points = piece.map((point) => `${x(point.index)},${ground - scale(point.value)}`).join(" L");
    const first = piece[0]?.index ?? 0;
    const last = piece[piece.length - 1]?.index ?? 0;
    const marked = piece.filter((point) => line.length <= MARKS_UP_TO || piece.length === 1 || point.index === active);
    return (
      <g key={first}>
        {props.area && (
          <path
            d={`M${x(first)},${ground} L${points} L${x(last)},${ground} z`}
            fill={colour(kind)}
            className={classes.area}
          />
        )}
        <path d={`M${points}`} stroke={colour(kind)} strokeDasharray={DASHES[look(kind)]} className={classes.line} />
        {marked.map((point) => (
          <Mark
            key={point.index}
            series={kind}
            x={x(point.index)}
            y={ground - scale(point.value)}
            size={point.index === active ? 5 : 3}
          />
        ))}
      </g>
    );
  });
}

function Names({ props, place, width }: { props: LineChartProps; place: Place; width: number }) {
  const { ground, scale, right } = place;
  const ends = props.values.map((line) => ground - scale(line.findLast((value) => value !== null) ?? 0));
  const heights = apart(ends, 15, [TOP, ground]);
  return props.series.map((one, index) => (
    <text key={one.key} x={right + 10} y={(heights[index] ?? 0) + 4}>
      {fitted(one.label, width - right - 10)}
    </text>
  ));
}

function Days({ days, place }: { days: readonly string[]; place: Place }) {
  const last = place.right - 18;
  const shown = labelled(days.length, place.right - place.left, DAY_ROOM);
  const clear = shown.filter((index) => index === days.length - 1 || place.x(index) + DAY_ROOM - 14 <= last);
  return (
    <g className={classes.axis} aria-hidden>
      {clear.map((index) => (
        <text key={days[index]} x={Math.min(place.x(index), last)} y={place.ground + 17} textAnchor="middle">
          {shortDay(days[index] ?? "")}
        </text>
      ))}
    </g>
  );
}
