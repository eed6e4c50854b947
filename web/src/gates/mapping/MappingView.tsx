/** What each column of each file means: the column with its values, why, and the field it goes to. */
import { Group, SegmentedControl, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { $api } from "@/api/client";
import { Choice } from "@/ui/Choice";
import { counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { SearchBox } from "@/ui/SearchBox";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import type { EvidenceProps } from "../views";
import { AcceptAbove } from "./AcceptAbove";
import { chosen, isOpen, type Line, linesOf, placeOf, type Show } from "./lines";
import classes from "./Mapping.module.css";
import { MappingRow } from "./MappingRow";

const ROW_PX = 84;
const SHOWS: readonly Show[] = ["asked", "mapped", "kept", "all"];

export function MappingView(props: EvidenceProps) {
  const { gate, draft } = props;
  const lines = useMemo(() => linesOf(gate.output), [gate.output]);
  const [search] = usePageSearch();
  const asked = lines.filter((line) => line.needsDecision).length;
  const show = SHOWS.find((one_) => one_ === one(search, "show")) ?? (asked > 0 ? "asked" : "all");
  const wanted = { show, search: one(search, "search") ?? "", place: one(search, "sheet") ?? "" };
  const shown = chosen(lines, wanted, draft.edits);
  const open = lines.filter((line) => isOpen(line, draft.edits, draft.accepted)).length;
  return (
    <Section title="What the columns mean" flush aside={gate.status === "open" && <Left open={open} asked={asked} />}>
      <Tools lines={lines} show={show} asked={asked} />
      {props.mayEdit && open > 0 && <AcceptAbove lines={lines} draft={draft} />}
      <Lines lines={shown} evidence={props} />
    </Section>
  );
}

function Left({ open, asked }: { open: number; asked: number }) {
  return (
    <span role="status">
      {open > 0 ? (
        <Tone tone="wait">
          {open} of {asked} to look at
        </Tone>
      ) : (
        <Tone tone="good">{asked > 0 ? "All looked at" : "Nothing is unsure"}</Tone>
      )}
    </span>
  );
}

function Tools({ lines, show, asked }: { lines: readonly Line[]; show: Show; asked: number }) {
  const [search, change] = usePageSearch();
  const places = useMemo(() => [...new Set(lines.map(placeOf))], [lines]);
  return (
    <Group className={classes.tools} gap="sm">
      <div className={classes.shows}>
        <SegmentedControl
          size="xs"
          aria-label="Which columns"
          value={show}
          onChange={(to) => change({ show: to })}
          data={[
            { value: "asked", label: `Needs a decision (${asked})` },
            { value: "mapped", label: "Mapped" },
            { value: "kept", label: "Kept as attributes" },
            { value: "all", label: `All (${lines.length})` },
          ]}
        />
      </div>
      <SearchBox
        className={classes.search}
        size="xs"
        label="Search columns, fields and values"
        placeholder="Search columns, fields, values"
        value={one(search, "search") ?? ""}
        onChange={(to) => change({ search: to })}
      />
      {places.length > 1 && (
        <Choice
          size="xs"
          aria-label="File and sheet"
          placeholder="All files and sheets"
          data={places}
          value={one(search, "sheet") ?? null}
          onChange={(to) => change({ sheet: to ?? undefined })}
          clearable
          searchable
        />
      )}
    </Group>
  );
}

function Lines({ lines, evidence }: { lines: readonly Line[]; evidence: EvidenceProps }) {
  const scroller = useRef<HTMLElement>(null);
  const fields = useFields(evidence.gate.id, lines);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  if (lines.length === 0)
    return (
      <Text p="xl" c="dimmed" ta="center" role="status">
        No column is like this. Show all, or search for something else.
      </Text>
    );
  return (
    <>
      <div className={classes.head} aria-hidden>
        <span>Column of the file</span>
        <span>Why</span>
        <span>Field of the inventory</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label={counted(lines.length, "column")}>
        <ul className={classes.list} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={classes.item}
                style={{ transform: `translateY(${start}px)` }}
              >
                <MappingRow line={line} fields={fields} evidence={evidence} />
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}

/** The fields that a column can go to: those that the gate's table offers. */
function useFields(gateId: string, lines: readonly Line[]): string[] {
  const { data } = $api.useQuery("get", "/api/v1/gates/{gate_id}/table", {
    params: { path: { gate_id: gateId }, query: { limit: 1 } },
  });
  const choices = data?.columns.find(({ key }) => key === "field")?.choices;
  return useMemo(
    () => choices ?? [...new Set(lines.flatMap(({ field }) => (field === null ? [] : [field])))],
    [choices, lines],
  );
}
