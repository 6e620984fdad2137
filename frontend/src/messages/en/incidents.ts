/** Words of what owners and admins have to see to: the button in the header and its list. */
import { area } from "../language";

export const incidents = area("incidents", {
  open: (unread: number, worst: string | null) => {
    if (unread === 0) return "Incidents: nothing new";
    const count = unread === 1 ? "1 unread incident" : `${unread} unread incidents`;
    return worst ? `${count}, ${worst}` : count;
  },
  unknown: "Incidents could not be loaded",
  worst: { info: "for your information", warning: "with a warning", critical: "one is critical" },
  title: "Incidents",
  name: "incidents",
  none: "Every source works.",
  severity: { info: "Note", warning: "Warning", critical: "Critical" },
  reason: {
    expired: "Its credential has expired. Builds can't start.",
    rejected: "The code host refuses its credential. Builds can't start.",
    refresh_failed: "Its authorisation could not be renewed. Builds can't start.",
    expiring: "Its credential ends soon.",
    reports_refused: "It does not let this instance tell how builds go. Builds are not affected.",
    reports_undelivered: "For a day it could not be told how builds go. Builds are not affected.",
  },
  since: "since",
  times: (count: number) => `found ${count} times`,
  read: "Mark as read",
  readOf: (name: string) => `Mark as read: ${name}`,
  readAll: "Mark all as read",
  sources: "All sources",
});
