/** What follows a change: a word about it, and everything that it made old read again. */
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/api/problem";

type Told = (message: string, ...paths: string[]) => void;

export function useDone(): Told {
  return useTold(() => true);
}

/** The same for what is there no more: lists are read again, the thing itself is not. */
export function useGone(): Told {
  return useTold((init) => init?.params?.path === undefined);
}

type Init = { params?: { path?: unknown } } | undefined;

function useTold(isRead: (init: Init) => boolean): Told {
  const client = useQueryClient();
  return (message, ...paths) => {
    notifications.show({ message });
    void client.invalidateQueries({
      predicate: ({ queryKey: [, path, init] }) =>
        paths.some((one) => String(path).startsWith(`/api/v1/${one}`)) && isRead(init as Init),
    });
  };
}

/** Tell why a change that has no dialog of its own was refused. */
export function refused(error: unknown): void {
  if (!(error instanceof ApiProblem)) throw error;
  const { title, detail, hint } = error.problem;
  notifications.show({ color: "red", title, message: [detail, hint].filter(Boolean).join(" "), autoClose: 12_000 });
}
