/** One contradiction: what each source says, why one is shown, and the decision. */
import { Alert, Button, Group, Radio, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api } from "@/api/client";
import type { ConflictOut } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { AnchorLink } from "@/ui/links";
import { ProblemNote } from "@/ui/ProblemNote";
import { Sheet } from "@/ui/Sheet";
import { When } from "@/ui/When";
import { useApplications } from "./applications";
import classes from "./ConflictDrawer.module.css";
import { ConflictState } from "./ConflictsPage";
import { type Candidate, candidates, nextOpen } from "./conflicts";
import { SourceLine } from "./FactTable";
import { spokenValue, titleOf } from "./fields";

export interface ConflictDrawerProps {
  conflict: ConflictOut;
  conflicts: readonly ConflictOut[];
  onOpen(conflict: ConflictOut | undefined): void;
}

export function ConflictDrawer({ conflict, conflicts, onOpen }: ConflictDrawerProps) {
  const { engagement_id: engagement } = useMe();
  const { asset_id: asset, asset_name: name, field } = conflict;
  return (
    <Sheet isOpen onClose={() => onOpen(undefined)} side="right" size="40rem" title={`${titleOf(field)} of ${name}`}>
      <Stack gap="lg">
        <Group gap="sm">
          <ConflictState conflict={conflict} />
          {conflict.decided_at && (
            <Text size="sm" c="dimmed">
              {conflict.decided_by}, <When at={conflict.decided_at} />
            </Text>
          )}
          {asset && <Subject id={asset} engagement={engagement} />}
        </Group>
        <div>
          <Text size="sm" c="dimmed">
            Why {spokenValue(field, conflict.preferred)} is shown
          </Text>
          <Text>{conflict.why}</Text>
        </div>
        <Decision conflict={conflict} conflicts={conflicts} onOpen={onOpen} />
      </Stack>
    </Sheet>
  );
}

/** What the conflict is about: a machine, or an application with its machines. */
function Subject({ id, engagement }: { id: string; engagement: string }) {
  const { names, isKnown } = useApplications();
  if (!isKnown) return null;
  return names.has(id) ? (
    <AnchorLink size="sm" to="/e/$engagement/inventory" params={{ engagement }} search={{ application: id } as never}>
      Its servers
    </AnchorLink>
  ) : (
    <AnchorLink size="sm" to="/e/$engagement/inventory/$assetId" params={{ engagement, assetId: id }}>
      The asset
    </AnchorLink>
  );
}

function Decision({ conflict, conflicts, onOpen }: ConflictDrawerProps) {
  const mayDecide = useMay("estate.decide");
  const client = useQueryClient();
  const choices = candidates(conflict);
  const [value, setValue] = useState(conflict.preferred);
  const [reason, setReason] = useState("");
  const decide = $api.useMutation("post", "/api/v1/conflicts/{conflict_id}/decision");
  const { id } = conflict;
  const next = id === null ? undefined : nextOpen(conflicts, id);

  const settle = async () => {
    if (id === null) return;
    const chosen = value === conflict.preferred ? { keep_preferred: true } : { value, keep_preferred: false };
    const body = { ...chosen, reason: reason.trim() || null };
    const done = await decide.mutateAsync({ params: { path: { conflict_id: id } }, body }).catch(() => null);
    if (!done) return; // the problem is shown below
    notifications.show({
      title: "Decided",
      message: `${titleOf(conflict.field)} of ${conflict.asset_name} is ${spokenValue(conflict.field, done.preferred)}.`,
    });
    onOpen(next);
    await client.invalidateQueries();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void settle();
      }}
    >
      <Stack gap="md">
        <Radio.Group
          label="What the sources say"
          value={value}
          onChange={setValue}
          readOnly={!mayDecide || id === null}
        >
          <Stack gap="sm" mt="xs">
            {choices.map((candidate, index) => (
              <CandidateCard
                key={candidate.value}
                field={conflict.field}
                candidate={candidate}
                isFirst={index === 0}
                isChosen={candidate.value === value}
              />
            ))}
          </Stack>
        </Radio.Group>
        {id === null && (
          <Alert color="gray">This conflict was found before conflicts could be decided. Run a discovery again.</Alert>
        )}
        {mayDecide && id !== null && (
          <>
            <Textarea
              label="Reason"
              description="Kept with the decision; it holds for every later discovery"
              autosize
              minRows={2}
              maxLength={2000}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {decide.error && <ProblemNote error={decide.error} />}
            <Group justify="flex-end">
              {next && (
                <Button variant="default" onClick={() => onOpen(next)}>
                  Skip
                </Button>
              )}
              <Button type="submit" loading={decide.isPending}>
                {next ? "Decide and go on" : "Decide"}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}

interface CandidateCardProps {
  field: string;
  candidate: Candidate;
  isChosen: boolean;
  isFirst: boolean;
}

function CandidateCard({ field, candidate, isChosen, isFirst }: CandidateCardProps) {
  return (
    <div className={classes.candidate} data-chosen={isChosen || undefined}>
      <Radio
        value={candidate.value}
        data-autofocus={isFirst || undefined}
        label={
          <Text component="span" fw={600}>
            {spokenValue(field, candidate.value)}
            {candidate.isShown && (
              <Text component="span" c="dimmed" fw={400}>
                {" "}
                · shown now
              </Text>
            )}
          </Text>
        }
      />
      <Stack gap={2} pl={32} mt={4}>
        {candidate.facts.map((fact) => (
          <SourceLine key={`${fact.source.file} ${fact.source.row} ${fact.source.column}`} fact={fact} />
        ))}
      </Stack>
    </div>
  );
}
