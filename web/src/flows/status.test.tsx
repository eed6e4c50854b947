import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { FlowStatusTone } from "./status";

test("a state is told in words, not by its colour alone", () => {
  render(
    <MantineProvider>
      <FlowStatusTone status="waiting_for_approval" />
    </MantineProvider>,
  );
  expect(screen.getByText("Waiting for approval")).toBeDefined();
});
