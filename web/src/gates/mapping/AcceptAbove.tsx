/** Accepts every proposal that is sure enough, at once. */
import { Button, Group, Slider, Text } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useState } from "react";
import { counted } from "@/ui/numbers";
import type { Draft } from "../useDraft";
import { acceptance, type Line, taken } from "./lines";
import classes from "./Mapping.module.css";

const USUAL_PERCENT = 80;

export function AcceptAbove({ lines, draft }: { lines: readonly Line[]; draft: Draft }) {
  const [percent, setPercent] = useState(USUAL_PERCENT);
  const found = acceptance(lines, percent / 100, draft.edits, draft.accepted);
  const number = found.accept.length + found.take.length;
  const accept = () => {
    draft.accept(found.accept, true);
    if (found.take.length > 0) draft.change((edits) => taken(edits, found.take));
  };
  return (
    <Group className={classes.tools} gap="md">
      <Text size="sm">Accept from</Text>
      <Slider
        className={classes.slider}
        min={30}
        max={100}
        step={1}
        value={percent}
        onChange={setPercent}
        label={null}
        thumbLabel="Confidence from which proposals are accepted, in per cent"
      />
      <Text size="sm" className="mf-number" w="3rem">
        {percent} %
      </Text>
      <Button
        size="compact-sm"
        variant="light"
        leftSection={<IconChecks size={16} aria-hidden />}
        disabled={number === 0}
        onClick={accept}
      >
        {number === 0 ? "None is that sure" : `Accept ${counted(number, "column")}`}
      </Button>
    </Group>
  );
}
