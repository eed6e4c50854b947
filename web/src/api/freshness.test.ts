import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { Freshness } from "./freshness";

const FLOW = "01a2";
const LIST = ["get", "/api/v1/flows", {}];
const ONE = ["get", "/api/v1/flows/{flow_id}", { params: { path: { flow_id: FLOW } } }];
const OTHER = ["get", "/api/v1/flows/{flow_id}", { params: { path: { flow_id: "ffff" } } }];
const ASSETS = ["get", "/api/v1/assets", {}];
const JOB = ["get", "/api/v1/flows/bulk/{job_id}", { params: { path: { job_id: "7" } } }];
const ME = ["get", "/api/v1/me", {}];
const ALL = [LIST, ONE, OTHER, ASSETS, JOB, ME];

let client: QueryClient;
let freshness: Freshness;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  freshness = new Freshness(client);
  for (const key of ALL) client.setQueryData(key, { flow_id: FLOW });
});

function oldAfter(kind: string, data: Record<string, unknown> = {}) {
  freshness.event({ kind, flow_id: FLOW, data });
  vi.advanceTimersByTime(1_000);
  return ALL.filter((key) => client.getQueryState(key)?.isInvalidated);
}

test("an event makes the lists and its own flow old, and no other flow", () => {
  expect(oldAfter("flow_paused")).toEqual([LIST, ONE, JOB]);
});

test("a phase that completed makes old what phases publish", () => {
  expect(oldAfter("phase_completed")).toEqual([LIST, ONE, ASSETS, JOB]);
});

test("a job that moved on makes jobs old and no flow", () => {
  expect(oldAfter("bulk_job", { job_id: "7" })).toEqual([JOB]);
});

test("progress is written into the flow that it is about, and nothing is read again", () => {
  expect(oldAfter("progress", { phase: "add", done: 1, total: 2, what: "rows" })).toEqual([]);
  expect(client.getQueryData(ONE)).toMatchObject({ progress: { phase: "add", done: 1, total: 2, what: "rows" } });
  expect(client.getQueryData(OTHER)).toEqual({ flow_id: FLOW });
});

test("many events at once are one reading", () => {
  const read = vi.spyOn(client, "invalidateQueries");
  for (let n = 0; n < 50; n++) freshness.event({ kind: "flow_paused", flow_id: FLOW, data: {} });
  vi.advanceTimersByTime(1_000);
  expect(read).toHaveBeenCalledTimes(1);
});

test("after a gap everything is old", () => {
  freshness.everything();
  expect(ALL.filter((key) => client.getQueryState(key)?.isInvalidated)).toEqual(ALL);
});
