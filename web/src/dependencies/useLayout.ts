/** The layout of a graph, from a worker; the former one stays until the new one is there. */
import { useEffect, useRef, useState } from "react";
import type { Layout, LayoutIn } from "./layout";

interface Answer {
  number: number;
  found: Layout;
}

export function useLayout(asked: LayoutIn): Layout | null {
  const [found, setFound] = useState<Layout | null>(null);
  const worker = useRef<Worker | null>(null);
  const number = useRef(0);
  useEffect(() => {
    const started = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if (data.number === number.current) setFound(data.found);
    });
    return () => started.terminate();
  }, []);
  useEffect(() => {
    number.current += 1;
    worker.current?.postMessage({ number: number.current, asked });
  }, [asked]);
  return found;
}
