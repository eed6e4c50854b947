/** Notices of what happened; what draws them is fetched with the first of them. */
import { useNotifications } from "@mantine/notifications";
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";

// A page of a release that is gone finds the file no more; it goes on without notices until it is loaded again.
const DrawnNotices = lazy(
  (): Promise<{ default: ComponentType }> =>
    import("./DrawnNotices").then(
      (module) => ({ default: module.DrawnNotices }),
      () => ({ default: () => null }),
    ),
);

export function Notices() {
  const { notifications } = useNotifications();
  const [isNeeded, setNeeded] = useState(false);
  useEffect(() => {
    if (notifications.length > 0) setNeeded(true);
  }, [notifications]);
  return <Suspense>{isNeeded && <DrawnNotices />}</Suspense>;
}
