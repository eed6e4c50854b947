/** Whether the graph is seen from so far, and so much of it, that details only cost time. */
import type { ReactFlowState } from "@xyflow/react";

const FAR = 0.4;
const MANY = 250;

export function isFar({ transform: [, , zoom], nodes }: ReactFlowState): boolean {
  return zoom < FAR && nodes.length > MANY;
}

/** Whether a button of 24 px would be drawn smaller than that. */
export function isSmall({ transform: [, , zoom] }: ReactFlowState): boolean {
  return zoom < 1;
}
