/** The curve of an edge from the foot of one node to the head of another. */
interface Point {
  x: number;
  y: number;
}

const LEAST_BOW = 24;
const ARCH = 90;

/** A soft bow downwards; upwards an arch beside both ends, so that it is seen as what goes back. */
export function edgePath(from: Point, to: Point): string {
  const ahead = to.y - from.y;
  if (ahead >= LEAST_BOW) {
    const bow = Math.max(LEAST_BOW, ahead / 2);
    return `M ${from.x} ${from.y} C ${from.x} ${from.y + bow} ${to.x} ${to.y - bow} ${to.x} ${to.y}`;
  }
  const aside = Math.min(from.x, to.x) - 1.5 * ARCH;
  const middle = (from.y + to.y) / 2;
  return [
    `M ${from.x} ${from.y}`,
    `C ${from.x} ${from.y + ARCH} ${aside} ${from.y + ARCH} ${aside} ${middle}`,
    `S ${to.x} ${to.y - ARCH} ${to.x} ${to.y}`,
  ].join(" ");
}
