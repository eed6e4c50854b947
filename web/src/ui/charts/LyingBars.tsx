/** Bars from left to right, with their names before them and their sums behind. */
import { type BarDrawing, tipOf } from "./BarChart";
import type { Drawing } from "./ChartFrame";
import classes from "./charts.module.css";
import { lookOf } from "./Legend";
import { fill } from "./patterns";
import { fitted, type Scale, scaleOf, stacked, textWidth, total } from "./scale";

const BAR = 20;
const GAP = 12;
const AXIS = 40;
const NARROW = 460;
const NAME_ABOVE = 18;
const MOST_NAME_SHARE = 0.4;
const TICK_ROOM = 70;

interface Place {
  row: number;
  left: number;
  isNarrow: boolean;
  scale: Scale;
}

export function lying(drawing: BarDrawing): Drawing {
  const { bars, width, quantity } = drawing;
  const place = placed(drawing, width, quantity);
  const { row, left, isNarrow, scale } = place;
  const height = bars.length * row + AXIS;
  return {
    height,
    spots: bars.map((bar, index) => ({
      x: left + scale(total(bar.values)),
      y: index * row,
      tip: tipOf(bar, drawing),
    })),
    find: (_, y) => {
      const index = Math.floor(y / row);
      return index >= 0 && index < bars.length ? index : null;
    },
    body: (
      <>
        <Axis drawing={drawing} place={place} bottom={bars.length * row} />
        {bars.map((bar, index) => (
          <g key={bar.key}>
            <text x={isNarrow ? 0 : left - 10} y={nameY(index, place)} textAnchor={isNarrow ? "start" : "end"}>
              {fitted(bar.label, isNarrow ? width : left - 14)}
            </text>
            <Parts drawing={drawing} index={index} place={place} />
          </g>
        ))}
      </>
    ),
  };
}

function placed({ bars, format }: BarDrawing, width: number, quantity: BarDrawing["quantity"]): Place {
  const isNarrow = width < NARROW;
  const names = Math.max(0, ...bars.map((bar) => textWidth(bar.label)));
  const left = isNarrow ? 0 : Math.min(names + 16, Math.floor(width * MOST_NAME_SHARE));
  const sums = bars.map((bar) => total(bar.values));
  const behind = Math.max(20, ...sums.map((sum) => textWidth(format(sum), 7.4))) + 12;
  const length = Math.max(40, width - left - behind);
  const scale = scaleOf(Math.max(0, ...sums), length, { quantity, most: Math.max(2, Math.floor(length / TICK_ROOM)) });
  return { row: BAR + GAP + (isNarrow ? NAME_ABOVE : 0), left, isNarrow, scale };
}

function barY(index: number, { row, isNarrow }: Place): number {
  return index * row + (isNarrow ? NAME_ABOVE : 0) + 4;
}

function nameY(index: number, place: Place): number {
  return place.isNarrow ? index * place.row + 14 : barY(index, place) + BAR / 2 + 4;
}

function Parts({ drawing, index, place }: { drawing: BarDrawing; index: number; place: Place }) {
  const { bars, series, chart, active, format } = drawing;
  const values = bars[index]?.values ?? [];
  const y = barY(index, place);
  const { scale, left } = place;
  return (
    <>
      {stacked(values).map(({ from, to }, part) =>
        to > from ? (
          <rect
            key={series[part]?.key}
            x={left + scale(from)}
            y={y}
            width={Math.max(1.5, scale(to) - scale(from))}
            height={BAR}
            rx={2}
            fill={fill(chart, lookOf(series, part))}
            className={classes.bar}
            data-quiet={active !== null && active !== index ? true : undefined}
          />
        ) : null,
      )}
      <text x={left + scale(total(values)) + 6} y={y + BAR / 2 + 4} className={classes.value}>
        {format(total(values))}
      </text>
    </>
  );
}

function Axis({ drawing, place, bottom }: { drawing: BarDrawing; place: Place; bottom: number }) {
  const { scale, left } = place;
  const isWordy = drawing.quantity === "seconds";
  return (
    <g className={classes.axis} aria-hidden>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={left + scale(tick)} x2={left + scale(tick)} y1={0} y2={bottom} />
          <text x={left + scale(tick)} y={bottom + 16} textAnchor={tick === 0 && left === 0 ? "start" : "middle"}>
            {drawing.format(tick)}
          </text>
        </g>
      ))}
      {!isWordy && (
        <text x={left + scale(scale.max)} y={bottom + 33} textAnchor="end" className={classes.unit}>
          {drawing.unit}
        </text>
      )}
      <line x1={left} x2={left} y1={0} y2={bottom} className={classes.baseline} />
    </g>
  );
}
