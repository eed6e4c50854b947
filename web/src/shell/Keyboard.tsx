/** Keys: `g` and a letter leads to a place, `/` to the page's search, `?` shows them all. */

import { Group, Kbd, SimpleGrid, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMe } from "@/session/me";
import { Dialog } from "@/ui/Dialog";
import { NAVIGATION, type Place } from "./navigation";

const TOGETHER_MS = 1_200;
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

  useEffect(() => {
    let afterG = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") setShown(true);
      else if (event.key === "/") focusSearch(event);
      else if (event.timeStamp - afterG < TOGETHER_MS) {
        const place = placeOf(event.key, places);
        afterG = 0;
        if (place) void navigate({ to: place.to, params: { engagement: me.engagement_id } as never });
      } else if (event.key === "g") afterG = event.timeStamp;
    };
    const show = () => setShown(true);
    window.addEventListener("keydown", onKey);
    window.addEventListener(SHOW, show);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener(SHOW, show);
    };
  }, [places, navigate, me.engagement_id]);

  if (!isShown) return null;
  return (
    <Dialog onClose={() => setShown(false)} title="Keys">
      <SimpleGrid cols={2} spacing="sm">
        {places.map((place) => (
          <Group key={place.key} justify="space-between">
            <Text>{place.label}</Text>
            <span>
              <Kbd>g</Kbd> <Kbd>{place.key}</Kbd>
            </span>
          </Group>
        ))}
        <Group justify="space-between">
          <Text>Search</Text>
          <Kbd>/</Kbd>
        </Group>
        <Group justify="space-between">
          <Text>Next, former row</Text>
          <span>
            <Kbd>↓</Kbd> <Kbd>↑</Kbd>
          </span>
        </Group>
        <Group justify="space-between">
          <Text>Open a row</Text>
          <Kbd>Enter</Kbd>
        </Group>
        <Group justify="space-between">
          <Text>These keys</Text>
          <Kbd>?</Kbd>
        </Group>
      </SimpleGrid>
    </Dialog>
  );
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>("input[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
}
