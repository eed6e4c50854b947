import { afterEach, describe, expect, it, vi } from "vitest";
import { sendOnce } from "./client";

const change = (body: string, method = "POST") =>
  new Request("http://masterflow.test/api/v1/flows", {
    method,
    body,
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
  });

afterEach(() => vi.unstubAllGlobals());

describe("sendOnce", () => {
  it("sends a change once while it is not answered, and answers everybody who asked", async () => {
    const fetched = vi.fn(async () => new Response('{"id":1}'));
    vi.stubGlobal("fetch", fetched);
    const answers = await Promise.all([sendOnce(change('{"a":1}')), sendOnce(change('{"a":1}'))]);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it("sends the same change again once it was answered, and another change at once", async () => {
    const fetched = vi.fn(async () => new Response("{}"));
    vi.stubGlobal("fetch", fetched);
    await Promise.all([sendOnce(change('{"a":1}')), sendOnce(change('{"a":2}'))]);
    await sendOnce(change('{"a":1}'));
    expect(fetched).toHaveBeenCalledTimes(3);
  });
});
