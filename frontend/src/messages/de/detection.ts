/** German words of `en/detection`. */
import type { detection as English } from "../en/detection";

export const detection: typeof English = {
  title: "Pipelines",
  name: "Inhalt des Repositorys",
  text: "Im Repository gefunden. Jede gewählte Pipeline entsteht mit dem Projekt und lässt sich später ändern.",
  files: "Pipeline-Dateien",
  top: "Das Repository selbst",
  package: "Paket",
  example: "Beispiel",
  flavors: (names) => `Flavors ${names}`,
  flutter: (version) => `Flutter ${version}`,
  tests: "Hat Tests",
  platforms: {
    android: "Android",
    ios: "iOS",
    macos: "macOS",
    web: "Web",
    linux: "Linux",
    windows: "Windows",
  },
  follows: (path) => `Folgt ${path}`,
  problems: "Was nicht benutzt werden konnte",
  truncated: "Das Repository enthält mehr, als angesehen wurde.",
  none: "Weder Flutter noch eine Pipeline-Datei gefunden. Die Pipeline beschreiben, sobald das Projekt da ist.",
  later: "Das Projekt lässt sich trotzdem anlegen; Pipelines können später dazukommen.",
  chosen: (count) =>
    count === 0
      ? "Keine Pipeline ist gewählt."
      : count === 1
        ? "Eine Pipeline ist gewählt."
        : `${count} Pipelines sind gewählt.`,
};
