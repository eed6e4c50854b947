/** Bars from the ground up, for days and other things with an order. */
import { type BarDrawing, tipOf } from "./BarChart";
import type { Drawing } from "./ChartFrame";
import classes from "./charts.module.css";
import { lookOf } from "./Legend";
import { fill } from "./patterns";
import { labelled, type Scale, scaleOf, stacked, textWidth, total } from "./scale";
import { ValueAxis } from "./ValueAxis";

const TOP = 34;
const BOTTOM = 26;
const WIDEST = 48;
const TICK_ROOM = 44;

interface Place {
  left: number;
  ground: number;
  step: number;
  thick: number;
  scale: Scale;
}

export function standing(drawing: BarDrawing): Drawing {
  const { bars, format, height } = drawing;
  const place = placed(drawing);
  const { left, ground, step, scale } = place;
  const middle = (index: number) => left + step * (index + 0.5);
  return {
    height,
    spots: bars.map((bar, index) => ({
      x: middle(index) + place.thick / 2,
      y: Math.max(0, ground - scale(total(bar.values)) - 10),
      tip: tipOf(bar, drawing),
    })),
    find: (x) => {
      const index = Math.floor((x - left) / step);
      return index >= 0 && index < bars.length ? index : null;
    },
    body: (
      <>
        <ValueAxis
          scale={scale}
          left={left}
          right={drawing.width}
          ground={ground}
          unit={drawing.unit}
          format={format}
        />
        {bars.map((bar, index) => (
          <Parts key={bar.key} drawing={drawing} index={index} place={place} middle={middle(index)} />
        ))}
        <Names drawing={drawing} place={place} middle={middle} />
      </>
    ),
  };
}

function placed({ bars, width, height, quantity, format }: BarDrawing): Place {
  const ground = height - BOTTOM;
  const scale = scaleOf(Math.max(0, ...bars.map((bar) => total(bar.values))), ground - TOP, {
    quantity,
    most: Math.max(2, Math.floor((ground - TOP) / TICK_ROOM)),
  });
  const left = Math.max(...scale.ticks.map((tick) => textWidth(format(tick)))) + 10;
  const step = (width - left) / Math.max(1, bars.length);
  return { left, ground, step, thick: Math.min(WIDEST, Math.max(1, step * 0.72)), scale };
}

function Parts({
  drawing,
  index,
  place,
  middle,
}: {
  drawing: BarDrawing;
  index: number;
  place: Place;
  middle: number;
}) {
  const { bars, series, chart, active, format } = drawing;
  const values = bars[index]?.values ?? [];
  const { ground, scale, thick, step } = place;
  const sum = total(values);
  const words = format(sum);
  return (
    <g>
      {stacked(values).map(({ from, to }, part) =>
        to > from ? (
          <rect
            key={series[part]?.key}
            x={middle - thick / 2}
            y={ground - scale(to)}
            width={thick}
            height={scale(to) - scale(from)}
            rx={thick > 8 ? 2 : 0}
            fill={fill(chart, lookOf(series, part))}
            className={classes.bar}
            data-quiet={active !== null && active !== index ? true : undefined}
          />
        ) : null,
      )}
      {sum > 0 && textWidth(words) < step && (
        <text x={middle} y={ground - scale(sum) - 5} textAnchor="middle" className={classes.value}>
          {words}
        </text>
      )}
    </g>
  );
}

function Names({ drawing, place, middle }: { drawing: BarDrawing; place: Place; middle(index: number): number }) {
  const { bars, width } = drawing;
  const need = Math.max(0, ...bars.map((bar) => textWidth(bar.label))) + 10;
  const last = width - need / 2 + 5; // no label may reach over the edge
  const shown = labelled(bars.length, width - place.left, need);
  const clear = shown.filter((index) => index === bars.length - 1 || middle(index) + need <= Math.max(last, 0));
  return (
    <g className={classes.axis} aria-hidden>
      {clear.map((index) => (
        <text key={bars[index]?.key} x={Math.min(middle(index), last)} y={place.ground + 17} textAnchor="middle">
          {bars[index]?.label}
        </text>
      ))}
    </g>
  );
}
