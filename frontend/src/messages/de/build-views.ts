/** German words of `en/build-views`. */
import type { viewWords as English } from "../en/build-views";

export const viewWords: typeof English = {
  title: "Ansichten",
  menu: (current) => `Ansichten: ${current}`,
  unsaved: "nicht gespeichert",
  given: "Ansichten",
  own: "Meine Ansichten in diesem Browser",
  change: "Ändern",
  all: "Alle Builds",
  active: "Wartend und laufend",
  failed: "Fehlgeschlagen",
  byCommit: "Nach Commit gruppieren",
  save: "Diese Ansicht speichern …",
  nothingToSave: "Sie hat schon einen Namen.",
  remove: (name) => `„${name}“ entfernen`,
  removed: (name) => `Ansicht „${name}“ entfernt`,
  saveTitle: "Diese Ansicht speichern",
  saveText: "Filter und Sortierung bekommen einen Namen. Ansichten bleiben in diesem Browser, nur für dich.",
  name: "Name",
  taken: "Eine Ansicht dieses Namens hat jede Liste.",
  commits: {
    name: (subject) => `Builds von „${subject}“`,
    count: (count) => (count === 1 ? "1 Build" : `${count} Builds`),
  },
};
