import { afterEach, expect, test, vi } from "vitest";
import { type LiveEvent, type LiveState, LiveStream } from "./live";

function answer(...parts: string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function listening(...answers: (Response | Error)[]) {
  const asked: Headers[] = [];
  const heard: (LiveEvent | "gap")[] = [];
  const states: LiveState[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const next = answers.shift() ?? new Response(null, { status: 401 });
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  const stream = new LiveStream({
    onEvent: (event) => heard.push(event),
    onGap: () => heard.push("gap"),
    onState: (state) => states.push(state),
  });
  return { stream, asked, heard, states };
}

afterEach(() => vi.unstubAllGlobals());

async function runToTheEnd(stream: LiveStream) {
  vi.useFakeTimers();
  const run = stream.run();
  await vi.runAllTimersAsync();
  await run;
  vi.useRealTimers();
}

const PAUSED = 'id: 7.1\nevent: flow_paused\ndata: {"flow_id":"a","seq":3}\n\n';

test("an event is heard though it comes in pieces", async () => {
  const { stream, heard } = listening(answer(PAUSED.slice(0, 20), PAUSED.slice(20)));
  await runToTheEnd(stream);
  expect(heard).toEqual([{ kind: "flow_paused", flow_id: "a", data: { flow_id: "a", seq: 3 } }]);
});

test("a stream that broke off is taken up again behind the last event, and what is shown is read anew", async () => {
  const { stream, asked, heard, states } = listening(answer(PAUSED), new Error("no network"), answer());
  await runToTheEnd(stream);
  expect(asked.map((headers) => headers.get("last-event-id"))).toEqual([null, "7.1", "7.1", "7.1"]);
  expect(heard.at(-1)).toBe("gap");
  expect(states).toEqual(["live", "lost", "lost", "live", "lost", "refused"]);
});

test("an id that is too old is a gap", async () => {
  const { stream, heard } = listening(answer('id: 9\nevent: reset\ndata: {"reason":"too old"}\n\n'));
  await runToTheEnd(stream);
  expect(heard).toEqual(["gap"]);
});

test("who is signed out is not asked again", async () => {
  const { stream, asked, states } = listening();
  await runToTheEnd(stream);
  expect([asked.length, states]).toEqual([1, ["refused"]]);
});

test("a closed stream asks no more", async () => {
  const { stream, asked } = listening(answer(PAUSED), answer(PAUSED));
  stream.close();
  await stream.run();
  expect(asked).toHaveLength(0);
});
