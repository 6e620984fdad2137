/** German words of `en/build-filters`. */
import type { filterWords as English } from "../en/build-filters";

export const filterWords: typeof English = {
  myself: "ich",
  platform: "Plattform",
  runner: "Runner",
  date: "Datum",
  anyDay: "Jeder Tag",
  when: { today: "Heute", "7d": "Letzte 7 Tage", "30d": "Letzte 30 Tage" },
  days: "Von … bis",
  from: "Von",
  to: "Bis",
  reversed: "Endet, bevor es beginnt.",
  range: (from, to) => `${from} – ${to}`,
  since: (day) => `seit ${day}`,
  until: (day) => `bis ${day}`,
};
