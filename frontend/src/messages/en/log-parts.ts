/** Words of a log that is held in part, loaded with the first one that is too large. */
import { area } from "../language";

export const logParts = area("logParts", {
  region: "Part of the log",
  last: (shown: string, of: string) => `Showing the last ${shown} of ${of} lines`,
  between: (from: string, to: string, of: string) => `Showing lines ${from} to ${to} of ${of}`,
  unfollowed: "New lines are not shown here.",
  earlier: "Load earlier",
  later: "Load later",
  end: "To the end",
  download: "Download whole log",
  searching: "Searching…",
  remote: {
    title: "In the part that is not shown here",
    count: (count: number, text: string) => (count === 1 ? "1 line" : `${text} lines`),
    more: "Search on",
  },
});
