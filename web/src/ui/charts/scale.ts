/** Scales and ticks of charts. Every scale begins at nought: lengths are compared, so lengths have to be true. */

export interface Scale {
  (value: number): number;
  readonly max: number;
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 5, 10];
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
const DAY = 86_400;

/** The step of 1, 2 or 5 times a power of ten that gives at most `most` steps up to `max`. */
export function niceStep(max: number, most: number, whole = false): number {
  if (max <= 0) return 1;
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((one) => one * power >= rough * (1 - 1e-9)) ?? 10) * power;
  return whole ? Math.max(1, step) : step;
}

/** The step for seconds, minutes, hours or days that people count in. */
export function spanStep(maxSeconds: number, most: number): number {
  const rough = maxSeconds / most;
  if (rough <= 1) return niceStep(maxSeconds, most);
  return SPANS.find((one) => one >= rough) ?? niceStep(maxSeconds / DAY, most, true) * DAY;
}

/** 0, step, 2 step, … up to the first that is not below `max`. */
export function ticksTo(max: number, step: number): number[] {
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

export type Quantity = "count" | "seconds" | "number";

/** From 0 and a rounded maximum above `max` to `length` pixels. */
export function scaleOf(max: number, length: number, { quantity = "number" as Quantity, most = 5 } = {}): Scale {
  const step = quantity === "seconds" ? spanStep(max, most) : niceStep(max, most, quantity === "count");
  const ticks = ticksTo(Math.max(max, 0), step);
  const top = ticks[ticks.length - 1] ?? 1;
  const scale = (value: number) => (value / top) * length;
  return Object.assign(scale, { max: top, ticks });
}

/** Which of `count` labels to write so that each has `need` of `length` pixels: evenly, the last one always. */
export function labelled(count: number, length: number, need: number): number[] {
  if (count === 0) return [];
  const every = Math.max(1, Math.ceil((count * need) / Math.max(1, length)));
  const shown: number[] = [];
  for (let index = count - 1; index >= 0; index -= every) shown.unshift(index);
  return shown;
}

/** Where each part of a stack begins and ends. */
export function stacked(values: readonly number[]): { from: number; to: number }[] {
  let sum = 0;
  return values.map((value) => {
    const from = sum;
    sum += value;
    return { from, to: sum };
  });
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** How wide a text of the charts' size is, near enough to keep room for it. */
export function textWidth(text: string, pixelsEach = 6.7): number {
  return Math.ceil(text.length * pixelsEach);
}

/** A text cut to the room there is. */
export function fitted(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  const letters = Math.max(1, Math.floor(room / 6.7) - 1);
  return `${text.slice(0, letters).trimEnd()}…`;
}

/** Heights for labels that would lie over each other, each moved as little as it has to be; in the order given. */
export function apart(heights: readonly number[], least: number, [top, bottom]: readonly [number, number]): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed = [...heights];
  let limit = top;
  for (const index of order) {
    placed[index] = Math.max(placed[index] ?? 0, limit);
    limit = (placed[index] ?? 0) + least;
  }
  limit = bottom;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, limit);
    limit = (placed[index] ?? 0) - least;
  }
  return placed;
}
