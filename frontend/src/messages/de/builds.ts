/** German words of `en/builds`. */
import type { builds as English } from "../en/builds";

export const builds: typeof English = {
  title: "Builds",
  one: "Build",
  name: "Builds",
  nameOne: "Build",
  number: (value) => `#${value}`,
  noSubject: "Ohne Commit-Nachricht",
  noBuilds: "Noch keine Builds",
  progress: {
    label: "Fortschritt",
    left: (time) => `noch etwa ${time}`,
    slower: (time) => `${time} länger als üblich`,
  },
  status: {
    queued: "Wartet",
    scheduled: "Geplant",
    assigned: "Startet",
    running: "Läuft",
    succeeded: "Erfolgreich",
    failed: "Fehlgeschlagen",
    canceled: "Abgebrochen",
    timed_out: "Zeit überschritten",
    expired: "Verfallen",
  },
  trigger: {
    manual: "Von Hand",
    api: "API",
    webhook: "Webhook",
    schedule: "Zeitplan",
  },
  triggeredBy: (kind, actor) => `${kind}, ${actor}`,
  events: { push: "Push", pull_request: "Pull Request", tag_push: "Tag", rerun: "Wiederholung" },
  tests: (count) => (count === 1 ? "1 Test" : `${count.toLocaleString("de")} Tests`),
  testsFailed: (count) =>
    count === 1 ? "1 Test fehlgeschlagen" : `${count.toLocaleString("de")} Tests fehlgeschlagen`,
  waited: "gewartet",
  ran: "gelaufen",
  waiting: "wartet",
  unreachable: "Nicht erreichbar",
  running: "läuft",
  list: {
    pipeline: "Pipeline",
    select: (name) => `${name} auswählen`,
  },
  row: {
    canceled: (number) => `Build ${number} abgebrochen`,
    queued: (number) => `Build ${number} wartet`,
  },
};
