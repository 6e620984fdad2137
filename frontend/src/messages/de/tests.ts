/** German words of `en/tests`. */
import type { tests as English } from "../en/tests";

const many = (count: number, one: string, more: string): string =>
  `${count.toLocaleString("de")} ${count === 1 ? one : more}`;

export const tests: typeof English = {
  name: "Tests",
  title: "Tests",
  counts: { passed: "erfolgreich", failed: "fehlgeschlagen", errors: "mit Fehlern", skipped: "übersprungen" },
  took: "Dauer",
  cutOff: "Ein Bericht endete vor seinen Tests",
  cutOffText:
    "Begonnene und nicht beendete Tests erscheinen mit einem Fehler. Das Log sagt, was sie angehalten hat.",
  leftOut: (count) =>
    `${many(count, "Test ist", "Tests sind")} gezählt, aber nicht aufgeführt: Es waren zu viele.`,
  none: "Es gab einen Bericht, aber keinen Test darin.",
  failures: (count) => many(count, "Test fehlgeschlagen", "Tests fehlgeschlagen"),
  firstFailures: (shown) =>
    `Hier stehen die ersten ${shown.toLocaleString("de")}; alle stehen in der Liste unten.`,
  message: "Meldung",
  output: "Ausgabe vor dem Fehlschlag",
  stack: "Stack",
  noReason: "Der Bericht nennt keinen Grund, oder es waren zu viele Fehlschläge, um ihn aufzuheben.",
  copyPlace: (place) => `${place} kopieren`,
  outcome: { passed: "Erfolgreich", failed: "Fehlgeschlagen", error: "Fehler", skipped: "Übersprungen" },
  slowest: "Langsamste Tests",
  all: "Alle Tests",
  allName: "Liste der Tests",
  test: "Test",
  duration: "Dauer",
  search: "Nach Name oder Datei suchen",
  show: "Zeigen",
  which: {
    "": "Alle",
    failed: "Fehlgeschlagen",
    passed: "Erfolgreich",
    skipped: "Übersprungen",
  },
  analysis: "Analyse",
  clean: "Die Analyse hat nichts gefunden.",
  severity: { error: "Fehler", warning: "Warnung", info: "Hinweis" },
  findings: {
    errors: (count) => many(count, "Fehler", "Fehler"),
    warnings: (count) => many(count, "Warnung", "Warnungen"),
    infos: (count) => many(count, "Hinweis", "Hinweise"),
  },
  findingsName: "Befunde",
  findingsPages: "Seiten der Befunde",
  findingsLeftOut: (count) =>
    `${many(count, "Befund ist", "Befunde sind")} gezählt, aber nicht aufgeführt: Es waren zu viele.`,
  emptyTitle: "Kein Schritt hat einen Testbericht hinterlassen.",
  emptyActive: "Tests erscheinen hier, wenn die Schritte beendet sind.",
  emptyText:
    "Den Testlauf in den Ordner in OORE_REPORTS schreiben oder mit --machine ausgeben. JUnit-Dateien (*.xml) gehen auch; flutter analyze braucht nichts davon.",
  snippetLabel: "Schritte einer Pipeline-Datei der Version 2",
  snippet: [
    "  - name: Analyze",
    "    run: flutter analyze",
    "  - name: Test",
    '    run: flutter test --file-reporter "json:$OORE_REPORTS/tests.json"',
  ].join("\n"),
};
