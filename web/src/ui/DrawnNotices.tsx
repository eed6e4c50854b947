import "@mantine/notifications/styles.layer.css";
import { Notifications } from "@mantine/notifications";

/** The notices that there are, one above the other. */
export function DrawnNotices() {
  return <Notifications position="bottom-right" limit={3} />;
}
