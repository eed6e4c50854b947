/** Moves an application to another wave without a pointer. */

import { Button, Stack, Text } from "@mantine/core";
import { NO_EDITS, withCells } from "@/gates/edits";
import { Dialog } from "@/ui/Dialog";
import { shortDay } from "@/ui/days";
import { count } from "@/ui/numbers";
import { dayOf } from "@/ui/time";
import { type Board, moveTo, movingWith, withMoves } from "./board";
import { hoursSaid } from "./LoadBars";
import { FREEZE } from "./words";

export interface MoveDialogProps {
  board: Board;
  id: string;
  onMove(id: string, wave: number): void;
  onClose(): void;
}

export function MoveDialog({ board, id, onMove, onClose }: MoveDialogProps) {
  const together = movingWith(board, id);
  const item = together.find((one) => one.id === id);
  if (!item) return null;
  const others = together.filter((one) => one.id !== id).map((one) => one.name);
  return (
    <Dialog onClose={onClose} title={`Move ${item.name} to wave…`}>
      <Stack gap="sm">
        {others.length > 0 && <Text size="md">It cannot move alone: {others.join(", ")} moves with it.</Text>}
        {board.waves.map((wave) => {
          const moved = withMoves(board, withCells(NO_EDITS, moveTo(board, id, wave.number)));
          const after = moved.waves.find((one) => one.number === wave.number);
          const isHere = wave.number === item.wave;
          return (
            <Button
              key={wave.number}
              variant="default"
              justify="space-between"
              disabled={isHere}
              rightSection={
                <Text size="sm" c="dimmed" className="mf-number">
                  {isHere ? "is here" : `then ${hoursSaid(after?.hours ?? wave.hours)}`}
                </Text>
              }
              onClick={() => onMove(id, wave.number)}
            >
              Wave {wave.number} · {shortDay(wave.start)} to {dayOf(wave.end)}
              {wave.freeze !== "none" && ` · ${FREEZE[wave.freeze]}`}
            </Button>
          );
        })}
        <Text size="sm" c="dimmed">
          {item.name} needs {count(item.hours)} h. The rules are checked as soon as it has moved; Alt with the arrow
          keys moves a card by one wave.
        </Text>
      </Stack>
    </Dialog>
  );
}
