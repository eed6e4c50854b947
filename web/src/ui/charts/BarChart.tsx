/** Bars, lying or standing; one series or several stacked. */
import { useId } from "react";
import { count } from "../numbers";
import { ChartFrame } from "./ChartFrame";
import { Legend, lookOf, type Series } from "./Legend";
import { lying } from "./LyingBars";
import { Patterns } from "./patterns";
import { standing } from "./StandingBars";
import { type Quantity, total } from "./scale";
import { Tip } from "./Tip";

export interface Bar {
  key: string;
  label: string;
  /** One for each series: the lengths, one behind the other. */
  values: readonly number[];
  /** What is told of each series where that is not its length, such as quantiles that a bar reaches to. */
  said?: readonly number[];
}

export interface BarChartProps {
  /** One sentence that says what the chart shows. */
  label: string;
  bars: readonly Bar[];
  series: readonly Series[];
  /** What the axis counts: "flows", "seconds". */
  unit: string;
  orientation?: "horizontal" | "vertical";
  quantity?: Quantity;
  /** A value in words with its unit, where a plain number does not do. */
  format?: (value: number) => string;
  /** Pixels of standing bars; lying ones are as high as they need to be. */
  height?: number;
}

/** What the two ways of drawing are given. */
export interface BarDrawing extends Required<Omit<BarChartProps, "label" | "orientation">> {
  chart: string;
  width: number;
  active: number | null;
}

export function BarChart({ label, orientation = "horizontal", ...given }: BarChartProps) {
  const chart = useId();
  const { bars, series, unit, quantity = "count", format = count, height = 240 } = given;
  const draw = orientation === "horizontal" ? lying : standing;
  return (
    <>
      {series.length > 1 && <Legend series={series} />}
      <ChartFrame
        label={label}
        draw={(width, active) => {
          const drawn = draw({ bars, series, unit, quantity, format, height, chart, width, active });
          return {
            ...drawn,
            body: (
              <>
                <Patterns chart={chart} series={series.map((_, index) => lookOf(series, index))} />
                {drawn.body}
              </>
            ),
          };
        }}
      />
    </>
  );
}

/** What is told of a bar at the pointer. */
export function tipOf(bar: Bar, { series, format }: BarDrawing) {
  const sum = bar.said ? undefined : total(bar.values);
  return <Tip title={bar.label} series={series} values={bar.said ?? bar.values} format={format} sum={sum} />;
}
