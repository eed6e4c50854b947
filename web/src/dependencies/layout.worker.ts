/** Lays graphs out beside the page, so that it stays quick meanwhile. */
import { type LayoutIn, layout } from "./layout";

addEventListener("message", ({ data }: MessageEvent<{ number: number; asked: LayoutIn }>) => {
  postMessage({ number: data.number, found: layout(data.asked) });
});
