/** All that the phase gave; beside a table of its own it is closed at first. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { $api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { Readable } from "@/ui/Readable";
import { schemaFrom } from "@/ui/schema";

const TITLE = "All results of this phase";

export function Outcome({ gate }: { gate: GateOut }) {
  const [isOpen, setOpen] = useState(!gate.has_workbook);
  const type = $api.useQuery("get", "/api/v1/flow-types/{name}", { params: { path: { name: gate.flow_type } } }).data;
  const gives = type?.phases.find(({ name }) => name === gate.phase)?.gives;
  if (Object.keys(gate.output).length === 0) return null;
  return (
    <Section
      title={TITLE}
      aside={
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show"}
        </Button>
      }
    >
      {isOpen && <Readable value={gate.output} label={TITLE} schema={gives && schemaFrom(gives)} />}
    </Section>
  );
}
