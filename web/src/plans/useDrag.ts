/** Dragging a card to a lane with the pointer: by mouse from anywhere on it, by touch from its grip. */
import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef, useState } from "react";

const THRESHOLD_PX = 6; // a shorter way is a click
const EDGE_PX = 70; // near the edge of the window the page scrolls along
const SCROLL_PX = 14;

export interface Dragged {
  id: string;
  x: number;
  y: number;
  /** The lane under the pointer. */
  over: number | null;
}

export interface Drag {
  dragged: Dragged | null;
  begin(event: ReactPointerEvent<HTMLElement>, id: string): void;
}

export function useDrag(onDrop: (id: string, lane: number) => void): Drag {
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const start = useRef<{ id: string; x: number; y: number; isFar: boolean } | null>(null);
  const drop = useRef(onDrop);
  drop.current = onDrop;

  const stop = useCallback(() => {
    start.current = null;
    setDragged(null);
  }, []);

  useEffect(() => {
    const move = (event: PointerEvent) => {
      const from = start.current;
      if (!from) return;
      from.isFar ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > THRESHOLD_PX;
      if (!from.isFar) return;
      event.preventDefault();
      scrollAtEdge(event.clientY);
      setDragged({ id: from.id, x: event.clientX, y: event.clientY, over: laneAt(event.clientX, event.clientY) });
    };
    const up = (event: PointerEvent) => {
      const from = start.current;
      if (!from) return;
      const lane = from.isFar ? laneAt(event.clientX, event.clientY) : null;
      if (from.isFar) swallowClick();
      stop();
      if (lane !== null) drop.current(from.id, lane);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape" && start.current) stop();
    };
    window.addEventListener("pointermove", move, { passive: false });
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", stop);
    window.addEventListener("keydown", key);
    return () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", stop);
      window.removeEventListener("keydown", key);
    };
  }, [stop]);

  const begin = useCallback((event: ReactPointerEvent<HTMLElement>, id: string) => {
    const target = event.target instanceof Element ? event.target : null;
    const isGrip = target?.closest("[data-grip]") !== null;
    if (event.button !== 0 || (!isGrip && (event.pointerType === "touch" || target?.closest("button")))) return;
    start.current = { id, x: event.clientX, y: event.clientY, isFar: false };
  }, []);

  return { dragged, begin };
}

/** The lane at a point of the window, by its `data-lane`. */
function laneAt(x: number, y: number): number | null {
  const lane = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-lane]")?.dataset.lane;
  return lane === undefined ? null : Number(lane);
}

function scrollAtEdge(y: number): void {
  if (y < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
  else if (y > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
}

/** A drag that ends on a link is no click on it. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 50);
}
