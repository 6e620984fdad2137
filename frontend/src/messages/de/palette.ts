/** German words of `en/palette`. */
import type { palette as English } from "../en/palette";

export const palette: typeof English = {
  title: "Suche und Befehle",
  placeholder: "Gehe zu, suche Builds, Projekte, Personen, oder tu hier etwas",
  results: "Ergebnisse",
  groups: {
    here: "Auf dieser Seite",
    go: "Gehe zu",
    appearance: "Darstellung",
    projects: "Projekte",
    builds: "Builds",
    people: "Personen",
  },
  count: (count) => (count === 1 ? "1 Ergebnis" : `${count} Ergebnisse`),
  searching: "Sucht …",
  nothing: (text) => `Nichts gefunden für „${text}“`,
  failed: (reason) => `Die Suche ist fehlgeschlagen: ${reason}`,
  newProject: "Neues Projekt",
  addRunner: "Runner hinzufügen",
  connectSource: "Quelle verbinden",
  theme: (name) => `Farbschema: ${name}`,
  hints: "↑ ↓ wählen, Enter öffnen, Esc schließen",
};
