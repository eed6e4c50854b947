import { expect, test } from "vitest";
import type { RolesOut } from "@/api/schema";
import { csvRow, filterOf, queryOf } from "./audit/filters";
import { fromPolicy, policySaid, toPolicy } from "./client/policy";
import { allowedRoles, roleName } from "./parts/roles";
import { sectionOf } from "./sections";
import { browserName } from "./tokens/browser";

const TABLE = {
  roles: Array.from({ length: 10 }, () => ({})),
  operations: [
    { operation: "client.manage", roles: ["client_admin"] },
    { operation: "audit.read", roles: ["auditor", "client_admin", "lead"] },
    { operation: "flows.read", roles: Array.from({ length: 9 }, () => "viewer") },
  ],
} as unknown as RolesOut;

test("who may is said in a sentence", () => {
  expect(allowedRoles(TABLE, "client.manage")).toBe("A client admin");
  expect(allowedRoles(TABLE, "audit.read")).toBe("An auditor, a client admin or a lead");
  expect(allowedRoles(TABLE, "flows.read")).toBe("Any member");
  expect(roleName("finops")).toBe("FinOps");
});

test("the first part is shown without a name in the address, and an unknown name shows none", () => {
  expect(sectionOf(undefined)?.key).toBe("client");
  expect(sectionOf("audit")?.label).toBe("Audit");
  expect(sectionOf("everything")).toBeUndefined();
});

test("the policy of self-approval has three states", () => {
  for (const state of [true, false, null]) expect(toPolicy(fromPolicy(state))).toBe(state);
  expect(policySaid(null)).toBe("While they are alone");
});

test("the audit is asked for what the address says, and not for what is no id and no day", () => {
  const query = queryOf(filterOf({ actor: " ana@example.com ", outcome: "refused", flow: "7", from: "soon" }));
  expect(query).toEqual({
    actor: "ana@example.com",
    action: undefined,
    outcome: "refused",
    flow_id: undefined,
    from: undefined,
    to: undefined,
    limit: 100,
  });
});

test("the last day of a span of the audit is included", () => {
  const { from, to } = queryOf(filterOf({ from: "2026-11-23", to: "2026-11-23" }));
  expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(24 * 3_600_000);
});

test("an entry of the audit goes to a file with its details", () => {
  const entry = { at: "2026-11-23T00:00:00Z", actor: "a", detail: { role: "lead", user: "b" } };
  expect(csvRow(entry as never)[8]).toBe("role: lead; user: b");
});

test("browsers are told by the name that people know", () => {
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
  const edge =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
  expect(browserName(firefox)).toBe("Firefox 144 on Linux");
  expect(browserName(edge)).toBe("Edge 142 on Windows");
  expect(browserName("curl/7.88.1")).toBe("curl 7.88.1");
  expect(browserName(null)).toBe("Unknown browser");
});
