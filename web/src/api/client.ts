/** The API as the pages see it: typed by its own description, in the engagement of the page, with one key a change. */
import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { ApiProblem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const TRIES = 3;
const REST_MS = 600;

/** What every request of this tab carries; a tab shows one engagement at a time. */
export const carried: { engagement: string | null; csrf: string | null } = { engagement: null, csrf: null };

export function headersFor(method: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (carried.engagement) headers["Masterflow-Engagement"] = carried.engagement;
  if (!READING.has(method)) {
    headers["Idempotency-Key"] = crypto.randomUUID();
    if (carried.csrf) headers["Masterflow-CSRF"] = carried.csrf;
  }
  return headers;
}

/** Send a request; one whose answer was lost is sent again under its key, which has no second effect. */
export async function send(request: Request, rest = REST_MS): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(request.clone());
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      if (attempt === TRIES) throw new ApiProblem(unreachable(cause instanceof Error ? cause.message : "no network"));
      await new Promise((resume) => setTimeout(resume, rest * attempt));
    }
  }
}

const underway = new Map<string, Promise<Response>>();

/** Send a change once, however often it is asked for before it is answered: a button pressed twice has one effect. */
export async function sendOnce(request: Request): Promise<Response> {
  if (READING.has(request.method) || !request.headers.get("Content-Type")?.startsWith("application/json")) {
    return send(request);
  }
  const change = JSON.stringify([
    request.method,
    request.url,
    request.headers.get("If-Match"),
    request.headers.get("Masterflow-Engagement"),
    await request.clone().text(),
  ]);
  let answer = underway.get(change);
  if (!answer) {
    answer = send(request).finally(() => underway.delete(change));
    underway.set(change, answer);
  }
  return (await answer).clone();
}

const common: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headersFor(request.method))) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok && response.status !== 304) throw new ApiProblem(await problemOf(response));
    return response;
  },
};

export const api = createFetchClient<paths>({
  baseUrl: location.origin,
  fetch: sendOnce,
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(common);

/** `useQuery`, `useMutation`, `useInfiniteQuery` over the API's paths; keys are `[method, path, init]`. */
export const $api = createQueryClient(api);
