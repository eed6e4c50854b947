import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { BarChart } from "./BarChart";
import { moved } from "./ChartFrame";
import { csvParts, fileName } from "./ChartWithTable";
import { LineChart, pieces } from "./LineChart";

const show = (chart: ReactNode) => render(<MantineProvider>{chart}</MantineProvider>);

test("a bar chart says what it shows, names its bars and writes their values", () => {
  show(
    <BarChart
      label="Discovery has 3 flows."
      unit="flows"
      series={[{ key: "n", label: "Flows" }]}
      bars={[{ key: "d", label: "Discovery", values: [3] }]}
    />,
  );
  expect(screen.getByRole("img", { name: "Discovery has 3 flows." })).toBeDefined();
  expect(screen.getByText("Discovery")).toBeDefined();
  expect(screen.getAllByText("3").length).toBeGreaterThan(0);
});

test("the arrow keys read the values of a chart aloud", async () => {
  show(
    <BarChart
      label="Ends of flows."
      unit="flows"
      orientation="vertical"
      series={[
        { key: "good", label: "Completed" },
        { key: "bad", label: "Failed" },
      ]}
      bars={[
        { key: "a", label: "1 Nov", values: [3, 1] },
        { key: "b", label: "2 Nov", values: [2, 0] },
      ]}
    />,
  );
  await userEvent.tab();
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getByRole("status").textContent).toBe("1 NovCompleted3Failed1In all4");
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("status").textContent).toBe("");
});

test("keys lead from one value to the next and stay among them", () => {
  expect(moved("ArrowRight", null, 3)).toBe(0);
  expect(moved("ArrowRight", 2, 3)).toBe(2);
  expect(moved("ArrowLeft", null, 3)).toBe(2);
  expect(moved("End", 0, 3)).toBe(2);
  expect(moved("a", 0, 3)).toBeUndefined();
});

test("a line breaks where nothing was measured", () => {
  expect(pieces([1, null, 2, 3])).toEqual([
    [{ index: 0, value: 1 }],
    [
      { index: 2, value: 2 },
      { index: 3, value: 3 },
    ],
  ]);
});

test("a line chart of one day draws", () => {
  show(
    <LineChart
      label="One day."
      days={["2026-11-03"]}
      series={[{ key: "a", label: "A" }]}
      values={[[2]]}
      unit="flows"
    />,
  );
  expect(screen.getByRole("img", { name: "One day." })).toBeDefined();
});

test("a table goes to a file as its values, not as it is read", () => {
  const columns = [{ key: "s", header: "Seconds", value: (row: number) => row, cell: (row: number) => `${row} s` }];
  expect(csvParts(columns, [5])).toEqual([["Seconds"], [[5]]]);
  expect(fileName("Phase durations (p95)")).toBe("phase-durations-p95.csv");
});
