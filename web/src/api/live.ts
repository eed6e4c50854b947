/** What happens in the engagement, as it happens: one stream of server-sent events that comes back by itself. */
import { createParser } from "eventsource-parser";
import { headersFor } from "./client";

export type LiveState = "connecting" | "live" | "lost" | "refused";

export interface LiveEvent {
  kind: string;
  flow_id: string;
  data: Record<string, unknown>;
}

export interface LiveListener {
  onEvent(event: LiveEvent): void;
  /** All that is shown may be old: the stream was away, or what was missed is too much to tell. */
  onGap(): void;
  onState(state: LiveState): void;
}

const STREAM = "/api/v1/events";
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 8_000;
const SILENCE_MS = 40_000; // the server says every 15 s that it lives

export class LiveStream {
  private readonly listener: LiveListener;
  private readonly ending = new AbortController();
  private lastId: string | null = null;
  private rest = FIRST_REST_MS;
  private wasLost = false;

  constructor(listener: LiveListener) {
    this.listener = listener;
  }

  /** Listen until `close`. */
  async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const outcome = await this.listen();
      if (this.ending.signal.aborted) return;
      if (outcome === "refused") {
        this.listener.onState("refused");
        return;
      }
      this.wasLost = true;
      this.listener.onState("lost");
      await this.pause();
    }
  }

  close(): void {
    this.ending.abort();
  }

  private async listen(): Promise<"refused" | "lost"> {
    const silence = new AbortController();
    let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch(STREAM, {
        headers: { ...headersFor("GET"), ...(this.lastId ? { "Last-Event-ID": this.lastId } : {}) },
        signal: AbortSignal.any([this.ending.signal, silence.signal]),
      });
      if (response.status === 401 || response.status === 403) return "refused";
      if (!response.ok || !response.body) return "lost";
      this.opened();
      const parser = createParser({ onEvent: (event) => this.told(event.event, event.data, event.id) });
      const decoder = new TextDecoder();
      for await (const chunk of chunks(response.body)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
        parser.feed(decoder.decode(chunk, { stream: true }));
      }
    } catch {
      // The stream broke off; it is taken up again from the last id.
    } finally {
      clearTimeout(watchdog);
    }
    return "lost";
  }

  private opened(): void {
    this.rest = FIRST_REST_MS;
    this.listener.onState("live");
    if (this.wasLost) this.listener.onGap();
    this.wasLost = false;
  }

  private told(kind: string | undefined, data: string, id: string | undefined): void {
    if (id) this.lastId = id;
    if (kind === "reset") this.listener.onGap();
    else if (kind && data) {
      const body = JSON.parse(data) as Record<string, unknown>;
      this.listener.onEvent({ kind, flow_id: String(body.flow_id), data: body });
    }
  }

  private async pause(): Promise<void> {
    const rest = this.rest;
    this.rest = Math.min(rest * 2, LONGEST_REST_MS);
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, rest);
      const now = () => {
        clearTimeout(timer);
        resume();
      };
      this.ending.signal.addEventListener("abort", now, { once: true });
      window.addEventListener("online", now, { once: true });
    });
  }
}

async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
