/** A dialog that changes something: what it does, the fields, and the problem if it is refused. */
import { Button, Group, Stack, Text } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { Dialog } from "@/ui/Dialog";
import { ProblemNote } from "@/ui/ProblemNote";

export interface CommandDialogProps {
  title: string;
  /** What happens, and whether it can be undone. */
  says?: ReactNode;
  button: string;
  isGrave?: boolean;
  isReady?: boolean;
  isPending: boolean;
  error: unknown;
  onSubmit(): void;
  onClose(): void;
  children?: ReactNode;
  size?: "md" | "lg" | "xl";
}

export function CommandDialog(props: CommandDialogProps) {
  const { title, says, button, isGrave, isReady = true, isPending, error, onSubmit, onClose, children, size } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onSubmit();
  };
  return (
    <Dialog onClose={onClose} title={title} size={size}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {says && (
            <Text size="md" component="div">
              {says}
            </Text>
          )}
          {children}
          {Boolean(error) && <ProblemNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" color={isGrave ? "red" : undefined} loading={isPending} disabled={!isReady}>
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
