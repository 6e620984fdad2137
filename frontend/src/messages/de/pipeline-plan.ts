/** German words of `en/pipeline-plan`. */
import type { pipelinePlan as English } from "../en/pipeline-plan";

export const pipelinePlan: typeof English = {
  title: "Ein Build mit diesen Einstellungen",
  behind: "Das YAML hat Fehler: Dies ist der Plan von vorher.",
  behindForm: "Die Einstellungen haben Fehler: Dies ist der Plan von vorher.",
  none: "Zu diesen Einstellungen gibt es noch keinen Plan.",
  platforms: "Plattformen",
  matrix: "Ein Build je Kombination der Matrix.",
  time: "Dauer",
  about: (duration) => `etwa ${duration}`,
  median: "Median der letzten erfolgreichen",
  timeUnknown: "Nach einigen erfolgreichen Builds bekannt.",
  timeOfMatrix: "Je nach Kombination verschieden.",
  steps: "Schritte",
  own: {
    checkout: "Holt den Commit.",
    "restore caches": "Nimmt, was frühere Builds aufhoben.",
    flutter: "Stellt Flutter bereit.",
    artifacts: "Hebt passende Dateien auf.",
    "save caches": "Hebt sie für spätere Builds auf.",
  },
  condition: (text) => `wenn ${text}`,
  moreSteps: (count) => (count === 1 ? "Ein weiterer Schritt" : `${count} weitere Schritte`),
  runners: "Runner jetzt",
  needs: "Braucht",
  noRunner: "Noch ist kein Runner registriert.",
  noneFits: (labels) => `Kein Runner hat alles. Dem passendsten fehlt ${labels}.`,
  noneTakes: "Runner passen, aber keiner nimmt jetzt Builds an.",
  moreRunners: (count) => `und ${count} weitere`,
};
