/** Keys: `g` and a letter leads to a place, `/` to the page's search, `?` shows them all. */

import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useMe } from "@/session/me";
import { NAVIGATION, type Place } from "./navigation";

const KeysDialog = lazy(() => import("./KeysDialog").then((module) => ({ default: module.KeysDialog })));
const TOGETHER_MS = 2_000;
const SHOW = "mf-show-keys";

export function showKeys(): void {
  window.dispatchEvent(new Event(SHOW));
}

/** The place that `g` and a letter lead to. */
export function placeOf(key: string, places: readonly Place[]): Place | undefined {
  return places.find((place) => place.key === key);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

export function Keyboard() {
  const [isShown, setShown] = useState(false);
  const navigate = useNavigate();
  const me = useMe();
  const places = NAVIGATION.flatMap((group) => group.places).filter((place) => me.operations.includes(place.needs));

  const afterG = useRef(Number.NEGATIVE_INFINITY); // in milliseconds; outlives a drawing between the two keys

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") setShown(true);
      else if (event.key === "/") focusSearch(event);
      else if (event.timeStamp - afterG.current < TOGETHER_MS) {
        const place = placeOf(event.key, places);
        afterG.current = Number.NEGATIVE_INFINITY;
        if (place) void navigate({ to: place.to, params: { engagement: me.engagement_id } as never });
      } else if (event.key === "g") afterG.current = event.timeStamp;
    };
    const show = () => setShown(true);
    window.addEventListener("keydown", onKey);
    window.addEventListener(SHOW, show);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener(SHOW, show);
    };
  }, [places, navigate, me.engagement_id]);

  return isShown ? (
    <Suspense>
      <KeysDialog places={places} onClose={() => setShown(false)} />
    </Suspense>
  ) : null;
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>("input[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
}
