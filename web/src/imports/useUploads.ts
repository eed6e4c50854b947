/** The files that are on their way, two at a time. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import type { ImportOut } from "@/api/schema";
import { upload } from "./upload";

const AT_ONCE = 2;

export interface Upload {
  id: string;
  name: string;
  size: number;
  share: number;
  error: unknown;
  import_: ImportOut | null;
}

export interface Uploads {
  items: Upload[];
  /** Ids of the imports that arrived since the page was opened. */
  arrived: string[];
  add(files: File[]): void;
  forget(id: string): void;
}

export function useUploads(): Uploads {
  const client = useQueryClient();
  const [items, setItems] = useState<Upload[]>([]);
  const waiting = useRef<{ id: string; file: File }[]>([]);
  const running = useRef(0);

  const add = useCallback(
    (files: File[]) => {
      const tell = (id: string, change: Partial<Upload>) =>
        setItems((was) => was.map((one) => (one.id === id ? { ...one, ...change } : one)));
      const next = () => {
        const job = running.current < AT_ONCE ? waiting.current.shift() : undefined;
        if (!job) return;
        running.current++;
        upload(job.file, (share) => tell(job.id, { share }))
          .then(
            (import_) => tell(job.id, { import_, share: 1 }),
            (error: unknown) => tell(job.id, { error }),
          )
          .finally(() => {
            running.current--;
            void client.invalidateQueries({ queryKey: ["get", "/api/v1/imports"] });
            next();
          });
        next();
      };
      const jobs = files.map((file) => ({ id: crypto.randomUUID(), file }));
      waiting.current.push(...jobs);
      setItems((was) => [
        ...was,
        ...jobs.map(({ id, file }) => ({
          id,
          name: file.name,
          size: file.size,
          share: 0,
          error: null,
          import_: null,
        })),
      ]);
      next();
    },
    [client],
  );
  const forget = useCallback((id: string) => setItems((was) => was.filter((one) => one.id !== id)), []);
  return { items, arrived: items.flatMap(({ import_ }) => (import_ ? [import_.id] : [])), add, forget };
}
