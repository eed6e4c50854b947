/** Ways of looking at the list that are kept under a name: one's own, and those that others share. */
import { Button, Group, Menu, Stack, Switch, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmark, IconPlus, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { $api } from "@/api/client";
import type { ViewOut } from "@/api/schema";
import { useMay } from "@/session/me";
import { Dialog } from "@/ui/Dialog";
import { ProblemNote } from "@/ui/ProblemNote";
import { type PageSearch, parseSearch, stringifySearch } from "@/ui/search";
import { NO_FILTER } from "./filters";

const PAGE = "flows";
const KEY = ["get", "/api/v1/views"];

export function SavedViews({ search, change }: { search: PageSearch; change(part: PageSearch): void }) {
  const [isNaming, setNaming] = useState(false);
  const { data } = $api.useQuery("get", "/api/v1/views", { params: { query: { page: PAGE } } });
  const views = data?.items ?? [];
  const now = queryOf(search);
  const here = views.find((view) => queryOf(parseSearch(view.query)) === now);
  return (
    <>
      <Menu position="bottom-end" width={300} withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {here?.name ?? "Views"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 && <Menu.Item disabled>No view is saved yet</Menu.Item>}
          {views.map((view) => (
            <View key={view.id} view={view} isHere={view === here} onOpen={() => change(openedBy(view))} />
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setNaming(true)}>
            Save this view
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isNaming && <NameDialog query={now} onClose={() => setNaming(false)} />}
    </>
  );
}

/** The address's query in one order, without its question mark. */
function queryOf(search: PageSearch): string {
  const sorted = Object.fromEntries(Object.entries(search).sort(([one], [other]) => (one < other ? -1 : 1)));
  return stringifySearch(sorted).replace("?", "");
}

function openedBy(view: ViewOut): PageSearch {
  return { ...NO_FILTER, ...parseSearch(view.query) };
}

function View({ view, isHere, onOpen }: { view: ViewOut; isHere: boolean; onOpen(): void }) {
  const client = useQueryClient();
  const forget = $api.useMutation("delete", "/api/v1/views/{view_id}", {
    onSuccess: () => {
      notifications.show({ message: `The view ${view.name} is deleted.` });
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <Group gap={0} wrap="nowrap" role="group" aria-label={view.name}>
      <Menu.Item
        onClick={onOpen}
        fw={isHere ? 640 : undefined}
        aria-current={isHere ? "true" : undefined}
        rightSection={view.shared && <IconUsers size={14} role="img" aria-label="Shared" />}
        flex={1}
        miw={0}
      >
        <Text component="span" size="md" truncate display="block">
          {view.name}
        </Text>
      </Menu.Item>
      {view.mine && (
        <Menu.Item
          w="auto"
          closeMenuOnClick={false}
          aria-label={`Delete the view ${view.name}`}
          disabled={forget.isPending}
          onClick={() => forget.mutate({ params: { path: { view_id: view.id } } })}
        >
          <IconTrash size={14} aria-hidden />
        </Menu.Item>
      )}
    </Group>
  );
}

function NameDialog({ query, onClose }: { query: string; onClose(): void }) {
  const client = useQueryClient();
  const mayShare = useMay("flows.run");
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const save = $api.useMutation("post", "/api/v1/views", {
    onSuccess: () => {
      notifications.show({ message: `The view ${name.trim()} is saved.` });
      void client.invalidateQueries({ queryKey: KEY });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate({ body: { name: name.trim(), page: PAGE, query, shared: isShared } });
  };
  return (
    <Dialog onClose={onClose} title="Save this view">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="It keeps the filters and the search of now"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={200}
            data-autofocus
          />
          {mayShare && (
            <Switch
              label="Share it with the engagement"
              checked={isShared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          {save.error && <ProblemNote error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
