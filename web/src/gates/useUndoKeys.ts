/** Ctrl Z and Ctrl Shift Z over a page with a draft, except while someone writes. */
import { useHotkeys } from "@mantine/hooks";
import type { Draft } from "./useDraft";

export function useUndoKeys({ undo, redo }: Draft): void {
  useHotkeys([
    ["mod+Z", undo],
    ["mod+shift+Z", redo],
    ["mod+Y", redo],
  ]);
}
