/** What the API answers when it refuses: RFC 9457, with a stable `code` and what to do next. */
import type { Problem } from "./schema";

export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiProblem";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}

/** A problem for what no server said: the network is away, or something between answered with a page of its own. */
export function unreachable(cause: string): Problem {
  return {
    type: "about:blank",
    title: "The server does not answer",
    status: 503,
    detail: `The request did not get an answer: ${cause}.`,
    code: "unreachable",
    hint: "Check the connection; the page goes on by itself when the server is back.",
    instance: "",
  } as Problem;
}

export async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get("content-type")?.includes("json")) {
    return (await response.json()) as Problem;
  }
  return { ...unreachable(`status ${response.status}`), status: response.status };
}
