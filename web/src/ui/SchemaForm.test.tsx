import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ApiProblem } from "@/api/problem";
import { SchemaForm } from "./SchemaForm";
import { type SchemaFormState, useSchemaForm } from "./useSchemaForm";

const ODD = {
  $defs: {
    Window: {
      type: "object",
      title: "Window",
      required: ["from"],
      properties: {
        from: { type: "string", format: "date", title: "From" },
        strict: { type: "boolean", default: false },
      },
    },
  },
  type: "object",
  required: ["owner"],
  properties: {
    owner: { type: "string", title: "Owner", description: "Who answers for it" },
    weeks: { type: "integer", default: 4, minimum: 1, maximum: 26, description: "Length, in weeks" },
    mode: { enum: ["fast", "very_careful"], default: "fast" },
    windows: { type: "array", items: { $ref: "#/$defs/Window" } },
    apart: { type: "array", items: { type: "array", prefixItems: [{ type: "string" }, { type: "string" }] } },
    pins: { type: "object", additionalProperties: { type: "integer" } },
    limit: { anyOf: [{ type: "integer" }, { type: "null" }], default: null },
    pet: { anyOf: [{ type: "string" }, { $ref: "#/$defs/Window" }] },
    seed: { type: "integer", "x-group": "Solver", default: 1 },
  },
};

let form: SchemaFormState;

function Probe() {
  form = useSchemaForm(ODD, undefined, ["config"]);
  return <SchemaForm {...form.props} />;
}

function show() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <Probe />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup({ delay: null });
}

function sent() {
  let found: Record<string, unknown> | null = null;
  act(() => {
    found = form.checked();
  });
  return found;
}

test("an odd schema is filled in without a line written for it", async () => {
  const user = show();
  await user.type(screen.getByLabelText(/^Owner/), "Ada");
  await user.click(screen.getByRole("button", { name: "Add window" }));
  await user.type(screen.getByLabelText(/^From/), "2027-01-04");
  await user.click(screen.getByRole("button", { name: "Add to apart" }));
  await user.type(screen.getByLabelText(/^First/), "Billing");
  await user.type(screen.getByLabelText(/^Second/), "Reporting");
  const pins = screen.getByRole("group", { name: "Pins" });
  await user.type(within(pins).getByRole("combobox", { name: "Name" }), "Billing{Enter}");
  await user.type(within(pins).getByLabelText(/^Billing/), "2");
  expect(sent()).toEqual({
    owner: "Ada",
    weeks: 4,
    mode: "fast",
    windows: [{ from: "2027-01-04", strict: false }],
    apart: [["Billing", "Reporting"]],
    pins: { Billing: 2 },
    limit: null,
    seed: 1,
  });
}, 30_000);

test("what is missing is told at its field and not sent", async () => {
  const user = show();
  await user.click(screen.getByRole("button", { name: "Add window" }));
  expect(sent()).toBeNull();
  expect(screen.getByText("Owner is needed.")).toBeDefined();
  expect(screen.getByText("From is needed.")).toBeDefined();
});

test("what the server refuses lands at its field", () => {
  show();
  const problem = {
    type: "",
    title: "",
    status: 422,
    detail: "",
    code: "input.rejected",
    errors: [{ field: "config.weeks", message: "There is no room for so many." }],
  };
  act(() => form.refuse(new ApiProblem(problem)));
  expect(screen.getByText("There is no room for so many.")).toBeDefined();
});

test("an entry that is taken out leaves the others as they are", async () => {
  const user = show();
  const add = screen.getByRole("button", { name: "Add window" });
  await user.click(add);
  await user.type(screen.getByLabelText(/^From/), "2027-01-04");
  await user.click(add);
  await user.type(screen.getAllByLabelText(/^From/)[1] as HTMLElement, "2027-02-01");
  await user.click(screen.getByRole("button", { name: "Take out window 1 of windows" }));
  expect((screen.getByLabelText(/^From/) as HTMLInputElement).value).toBe("2027-02-01");
});
