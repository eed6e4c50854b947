/** The curve of an edge from the right of one node to the left of another. */
interface Point {
  x: number;
  y: number;
}

const LEAST_BOW = 40;
const ARCH = 90;

/** A soft bow forwards; backwards an arch above both ends, so that it is seen as what goes back. */
export function edgePath(from: Point, to: Point): string {
  const ahead = to.x - from.x;
  if (ahead >= LEAST_BOW) {
    const bow = Math.max(LEAST_BOW, ahead / 2);
    return `M ${from.x} ${from.y} C ${from.x + bow} ${from.y} ${to.x - bow} ${to.y} ${to.x} ${to.y}`;
  }
  const rise = Math.min(from.y, to.y) - ARCH;
  const middle = (from.x + to.x) / 2;
  return [
    `M ${from.x} ${from.y}`,
    `C ${from.x + ARCH} ${from.y} ${from.x + ARCH} ${rise} ${middle} ${rise}`,
    `S ${to.x - ARCH} ${to.y} ${to.x} ${to.y}`,
  ].join(" ");
}
