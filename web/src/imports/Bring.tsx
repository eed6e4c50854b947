/** Where files are dropped, and those that are on their way. */
import "@mantine/dropzone/styles.layer.css";
import { Button, CloseButton, Group, Progress, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconFileImport } from "@tabler/icons-react";
import { useRef } from "react";
import { ApiProblem } from "@/api/problem";
import { bytes, share } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import classes from "./Imports.module.css";
import type { Upload, Uploads } from "./useUploads";

export function Bring({ uploads }: { uploads: Uploads }) {
  const open = useRef<() => void>(null);
  return (
    <Stack gap="sm" mb="lg">
      <Dropzone
        openRef={open}
        onDrop={uploads.add}
        activateOnClick={false}
        enablePointerEvents
        className={classes.drop}
        inputProps={{ "aria-label": "Files to import" }}
        tabIndex={-1}
        role="group"
        aria-label="Drop files here"
      >
        <Group gap="lg" justify="center">
          <IconFileImport size={32} stroke={1.4} aria-hidden className={classes.dropIcon} />
          <div>
            <Text size="lg" fw={600}>
              Drop exports here
            </Text>
            <Text size="md" c="dimmed">
              Workbooks, CSV, JSON, logs or state files, several at once. The format is recognised by the content.
            </Text>
          </div>
          <Button onClick={() => open.current?.()}>Choose files</Button>
        </Group>
      </Dropzone>
      {uploads.items.length > 0 && (
        <ul className={classes.uploads} aria-label="Uploads" aria-live="polite">
          {uploads.items.map((one) => (
            <li key={one.id}>
              <OnItsWay upload={one} onForget={() => uploads.forget(one.id)} />
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

function OnItsWay({ upload, onForget }: { upload: Upload; onForget(): void }) {
  const isDone = upload.import_ !== null || upload.error !== null;
  return (
    <div className={classes.upload}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Text size="md" truncate>
          {upload.name}{" "}
          <Text span size="sm" c="dimmed">
            {bytes(upload.size)}
          </Text>
        </Text>
        <Group gap="xs" wrap="nowrap">
          <State upload={upload} />
          {isDone && <CloseButton size="sm" aria-label={`Dismiss ${upload.name}`} onClick={onForget} />}
        </Group>
      </Group>
      {!isDone && <Progress value={upload.share * 100} size="sm" mt={6} aria-label={`Upload of ${upload.name}`} />}
      {upload.error instanceof ApiProblem && (
        <Text size="sm" mt={4} role="alert">
          {upload.error.message} {upload.error.problem.hint}
        </Text>
      )}
    </div>
  );
}

function State({ upload }: { upload: Upload }) {
  if (upload.error) return <Tone tone="bad">Refused</Tone>;
  if (upload.import_) return <Tone tone="good">Uploaded</Tone>;
  return <Tone tone="busy">{upload.share > 0 ? share(upload.share) : "Waiting"}</Tone>;
}
