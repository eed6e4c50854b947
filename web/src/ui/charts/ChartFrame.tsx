/** What charts share: they fit their place, say what they show in a sentence, and tell values by pointer and by keys. */
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import classes from "./charts.module.css";

const WIDTH_UNMEASURED = 640;
const TIP_ROOM = 190;

export interface Spot {
  x: number;
  y: number;
  tip: ReactNode;
}

export interface Drawing {
  height: number;
  body: ReactNode;
  /** What can be pointed at, in the order of the arrow keys. */
  spots: readonly Spot[];
  /** The spot of a place in the chart. */
  find(x: number, y: number): number | null;
}

export interface ChartFrameProps {
  /** One sentence that says what the chart shows. */
  label: string;
  draw(width: number, active: number | null): Drawing;
}

export function ChartFrame({ label, draw }: ChartFrameProps) {
  const { ref, width: measured } = useElementSize<HTMLDivElement>();
  const [active, setActive] = useState<number | null>(null);
  const width = Math.floor(measured) || WIDTH_UNMEASURED;
  const { height, body, spots, find } = draw(width, active);
  const spot = active === null ? undefined : spots[active];

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setActive(find(event.clientX - box.left, event.clientY - box.top));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, active, spots.length);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls, this groups the values of a picture
    <div
      ref={ref}
      className={classes.frame}
      role="group"
      aria-label="Values of the chart; the arrow keys go through them"
      tabIndex={spots.length > 0 ? 0 : undefined}
      onKeyDown={onKeyDown}
      onBlur={() => setActive(null)}
    >
      <svg
        role="img"
        aria-label={label}
        width={width}
        height={height}
        className={classes.chart}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setActive(null)}
      >
        {body}
      </svg>
      <div role="status" className={classes.tipPlace}>
        {spot && (
          <div className={classes.tip} style={tipStyle(spot, width)}>
            {spot.tip}
          </div>
        )}
      </div>
    </div>
  );
}

function tipStyle({ x, y }: Spot, width: number) {
  const left = x + TIP_ROOM > width;
  return left ? { right: Math.max(0, width - x + 10), top: y } : { left: x + 10, top: y };
}

/** Where a key leads among `count` spots; undefined: it is none of ours. */
export function moved(key: string, active: number | null, count: number): number | null | undefined {
  if (count === 0) return undefined;
  if (key === "Escape") return active === null ? undefined : null;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key === "ArrowRight" || key === "ArrowDown") return active === null ? 0 : Math.min(count - 1, active + 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return active === null ? count - 1 : Math.max(0, active - 1);
  return undefined;
}
