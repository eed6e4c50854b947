/** What is asked before somebody is sent away. */
import { $api } from "@/api/client";
import type { UserOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone, useGone } from "../parts/done";

export function RemoveMember({ user, onClose, onDone }: { user: UserOut; onClose(): void; onDone(): void }) {
  const done = useGone();
  const remove = $api.useMutation("delete", "/api/v1/users/{user_id}", {
    onSuccess: () => {
      onDone();
      done(`${user.name} is a member no more.`, "users", "service-acc");
    },
  });
  return (
    <CommandDialog
      title={`Remove ${user.name}`}
      says="All their roles in this engagement are taken away, and their tokens open nothing in it from now on. What they did stays in history and audit. You can add them again."
      button="Remove"
      isGrave
      isPending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ params: { path: { user_id: user.id } } })}
      onClose={onClose}
    />
  );
}

export function DisableMember({ user, onClose }: { user: UserOut; onClose(): void }) {
  const me = useMe();
  const done = useDone();
  const disable = $api.useMutation("post", "/api/v1/users/{user_id}/disable", {
    onSuccess: () => {
      onClose();
      done(`${user.name} is disabled.`, "users", "service-acc", "tokens");
    },
  });
  return (
    <CommandDialog
      title={`Disable ${user.name}`}
      says={`They can act nowhere in ${me.client} from now on: every session ends and every token is good for nothing. Schedules that run in their name start nothing. You can enable them again.`}
      button="Disable"
      isGrave
      isPending={disable.isPending}
      error={disable.error}
      onSubmit={() => disable.mutate({ params: { path: { user_id: user.id } } })}
      onClose={onClose}
    />
  );
}
