/** An edge: thicker with more connections, dashed when soft alone, marked inside a circle. */
import { type EdgeProps, useStore } from "@xyflow/react";
import { memo } from "react";
import type { DrawnEdge } from "./drawing";
import { edgePath } from "./edgePath";
import { isFar } from "./far";
import classes from "./Need.module.css";

const HIT_PX = 14;

export const Need = memo(function Need(props: EdgeProps<DrawnEdge>) {
  const { id, sourceX, sourceY, targetX, targetY, data } = props;
  const path = edgePath({ x: sourceX, y: sourceY }, { x: targetX, y: targetY });
  const far = useStore(isFar);
  if (!data) return null;
  const { edge, width, light } = data;
  return (
    <g
      className={classes.need}
      data-light={light}
      data-cycle={edge.within_cycle || undefined}
      data-soft={edge.kinds.hard === 0 || undefined}
    >
      <path id={id} d={path} className={classes.line} strokeWidth={width} fill="none" />
      {!far && (
        <>
          <path d={tipAt(targetX, targetY, 5 + width)} className={classes.tip} strokeWidth={0} />
          <path d={path} className={classes.hit} strokeWidth={HIT_PX} fill="none" />
        </>
      )}
    </g>
  );
});

function tipAt(x: number, y: number, reach: number): string {
  return `M ${x} ${y} l ${-reach / 2} ${-reach} l ${reach} 0 z`;
}
