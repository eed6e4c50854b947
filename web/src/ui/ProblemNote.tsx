/** An error as the API tells it: what happened, what to do, the code, and the request to name when asking for help. */
import { Alert, Button, Code, Group, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiProblem } from "@/api/problem";

export interface ProblemNoteProps {
  error: unknown;
  onRetry?: () => void;
}

export function ProblemNote({ error, onRetry }: ProblemNoteProps) {
  if (!(error instanceof ApiProblem)) throw error;
  const { title, detail, hint, code, instance, errors, problems } = error.problem;
  const places = [...(errors ?? []).map((one) => `${one.field}: ${one.message}`), ...(problems ?? [])];
  return (
    <Alert color="red" variant="outline" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Text size="md">{detail}</Text>
      {places.length > 0 && (
        <List size="sm" mt="xs">
          {places.map((place) => (
            <List.Item key={place}>{place}</List.Item>
          ))}
        </List>
      )}
      {hint && (
        <Text size="md" mt="xs" fw={560}>
          {hint}
        </Text>
      )}
      <Group mt="sm" gap="sm" justify="space-between">
        <Text size="xs" c="dimmed">
          Code <Code>{code}</Code>
          {instance && (
            <>
              {" "}
              · <Code>{instance.replace("urn:masterflow:", "")}</Code>
            </>
          )}
        </Text>
        {onRetry && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
