/** German words of `en/build-details`. */
import type { buildDetails as English } from "../en/build-details";

export const buildDetails: typeof English = {
  config: {
    source: "Pipeline-Datei",
    ranWith: "Gelaufen mit",
    captured: "Aufgezeichnet",
    platforms: "Plattformen",
    flutter: "Flutter-Version",
    environment: "Variablen",
    patterns: "Artefakt-Muster",
    commands: "Befehle",
    none: "Keine",
    fileFirst: "Die Datei im Repository, falls vorhanden; sonst die Einstellungen der Pipeline",
    resolved: "Was lief",
    own: "Die eigenen Einstellungen der Pipeline",
    ownText:
      "Gelten nur, wenn das Repository keine Pipeline-Datei hat. Mit Datei sind die Befehle die Schritte im Log.",
    raw: "Alles, was aufgezeichnet wurde",
    rawLabel: "Aufgezeichnete Konfiguration als JSON",
  },
  timeline: {
    title: "Zeitachse",
    step: "Schritt",
    start: "Begann nach",
    duration: "Dauer",
    waited: "Wartete auf einen Runner",
    longest: "am längsten",
    toLog: (step) => `Log von ${step}`,
    empty: "Noch hat kein Schritt begonnen.",
    emptyText: "Schritte erscheinen hier, sobald ein Runner mit ihnen beginnt.",
    state: {
      running: "Läuft",
      succeeded: "Erfolgreich",
      failed: "Fehlgeschlagen",
      skipped: "Übersprungen",
      canceled: "Gestoppt",
    },
    total: "Insgesamt",
  },
  caches: {
    title: "Caches",
    name: "Cache",
    found: "Gefunden",
    restored: "Geladen",
    saved: "Gespeichert",
    took: "Dauer",
    none: "Keiner",
    outcome: {
      hit: "Treffer",
      partial: "Älterer",
      miss: "Nichts",
      skipped: "Nicht benutzt",
    },
  },
  history: {
    title: "Verlauf",
    by: (actor) => `durch ${actor}`,
    runner: (name) => `Runner ${name}`,
    change: (from, to) => `${from} → ${to}`,
    empty: "Nichts aufgezeichnet.",
  },
};
