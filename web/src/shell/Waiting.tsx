import { Skeleton, Stack } from "@mantine/core";

/** Where a page will be, while it is fetched. */
export function Waiting() {
  return (
    <Stack gap="lg" role="status" aria-label="Loading">
      <Skeleton height={34} width={220} />
      <Skeleton height={360} />
    </Stack>
  );
}
