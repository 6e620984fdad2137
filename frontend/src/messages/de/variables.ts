/** German words of `en/variables`. */
import type { variables as English } from "../en/variables";

export const variables: typeof English = {
  title: "Variablen und Geheimnisse",
  name: "Variablen",
  add: "Variable hinzufügen",
  ofProject:
    "Jede Pipeline dieses Projekts bekommt sie als Umgebungsvariablen. Eine gleichnamige der Pipeline geht vor.",
  ofPipeline:
    "Builds dieser Pipeline bekommen sie neben denen des Projekts. Bei gleichem Namen geht die hier vor.",
  readOnly: "Sie ändern die Maintainer des Projekts.",
  emptyTitle: "Noch keine Variablen",
  emptyText:
    "API-Schlüssel und andere Geheimnisse hier statt im Repository aufheben. Logs zeigen *** an ihrer Stelle.",
  kinds: { plain: "Variable", secret: "Geheimnis", file: "Geheime Datei" },
  kindTexts: {
    plain: "Kann wieder gelesen werden, erscheint in Logs und erreicht Dart-Code über .env.",
    secret: "Wird nie wieder angezeigt und in Logs verdeckt.",
    file: "Wie ein Geheimnis; Schritte finden in der Variable den Pfad einer privaten Datei mit diesem Inhalt.",
  },
  stored: "Gespeichert",
  changed: "geändert",
  by: (who) => `von ${who}`,
  replace: "Ersetzen",
  replaceLabel: (name) => `${name} ersetzen`,
  deleteLabel: (name) => `${name} löschen`,
  form: {
    addTitle: "Variable hinzufügen",
    replaceTitle: (name) => `${name} ersetzen`,
    name: "Name",
    nameHelp: "Buchstaben, Ziffern und Unterstriche, zum Beispiel API_KEY.",
    kind: "Art",
    value: "Wert",
    content: "Inhalt",
    writeOnly: "Sie lässt sich später nicht lesen; zum Ändern neu eingeben.",
    save: "Speichern",
    saved: (name) => `${name} ist gespeichert; der nächste Build hat sie`,
    taken: "Es gibt schon eine dieses Namens; diese ersetzen.",
  },
  remove: {
    title: (name) => `${name} löschen?`,
    intro: "Ab dem nächsten Build:",
    consequences: [
      "Schritte, die sie brauchen, schlagen fehl oder tun etwas anderes",
      "Der Wert lässt sich nicht zurückholen",
    ],
    done: (name) => `${name} ist gelöscht`,
  },
};
