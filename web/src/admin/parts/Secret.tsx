/** A secret at the only moment at which it can be read. */
import { Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./parts.module.css";

export interface SecretProps {
  title: string;
  /** What it is for, and what to do if it is lost. */
  says: ReactNode;
  secret: string;
  onClose(): void;
}

export function Secret({ title, says, secret, onClose }: SecretProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="md">
        <Text size="md">{says}</Text>
        <Code block className={classes.secret} tabIndex={0} aria-label="The secret">
          {secret}
        </Code>
        <Text size="md" fw={560}>
          It is shown this once. Copy it before you go on.
        </Text>
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                data-autofocus
                onClick={copy}
                leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              >
                <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
