/** Notices of what happened; what draws them is fetched with the first of them. */
import { useNotifications } from "@mantine/notifications";
import { lazy, Suspense, useEffect, useState } from "react";

const DrawnNotices = lazy(() => import("./DrawnNotices").then((module) => ({ default: module.DrawnNotices })));

export function Notices() {
  const { notifications } = useNotifications();
  const [isNeeded, setNeeded] = useState(false);
  useEffect(() => {
    if (notifications.length > 0) setNeeded(true);
  }, [notifications]);
  return <Suspense>{isNeeded && <DrawnNotices />}</Suspense>;
}
