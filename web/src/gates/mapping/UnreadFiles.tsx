/** Files that bring nothing to what is asked: whoever approves shall have seen it. */
import { Alert, List } from "@mantine/core";
import { IconFileAlert } from "@tabler/icons-react";
import { counted } from "@/ui/numbers";
import type { EvidenceProps } from "../views";
import { unreadOf } from "./lines";

export function UnreadFiles({ gate }: EvidenceProps) {
  const files = unreadOf(gate.output);
  if (files.length === 0) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconFileAlert aria-hidden />}
      title={`${counted(files.length, "file")} could not be read`}
    >
      <List size="md">
        {files.map(({ file, message }) => (
          <List.Item key={file}>
            <b>{file}</b>: {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
