/** Words of the filters of the build list that are needed now and then. */
import { area } from "../language";

export const filterWords = area("filterWords", {
  myself: "me",
  platform: "Platform",
  runner: "Runner",
  date: "Date",
  anyDay: "Any day",
  when: { today: "Today", "7d": "Last 7 days", "30d": "Last 30 days" },
  days: "From … until",
  from: "From",
  to: "Until",
  reversed: "Ends before it begins.",
  range: (from: string, to: string) => `${from} – ${to}`,
  since: (day: string) => `since ${day}`,
  until: (day: string) => `until ${day}`,
});
