/** German words of `en/project-form`. */
import type { projectForm as English } from "../en/project-form";

export const projectForm: typeof English = {
  title: "Neues Projekt",
  folder: "Ordner",
  folderHelp: "Der Ordner eines Git-Repositorys auf dem Rechner, auf dem Oore CI läuft.",
  folderPath: "Pfad",
  go: "Los",
  up: "Einen Ordner nach oben",
  useThis: "Diesen Ordner nehmen",
  isRepo: "Git-Repository",
  notRepo: "Kein Git-Repository. Einen Ordner öffnen, der eines ist.",
  quick: "Orte",
  home: "Benutzerordner",
  emptyFolder: "Keine Ordner darin.",
  chosen: "Gewählt",
  change: "Anderen wählen",
  name: "Name",
  nameHelp: "So heißt es für alle.",
  branchHelp: "Builds nehmen diesen Branch, wenn kein anderer verlangt ist. Leer: der des Repositorys.",
  looking: "Der Inhalt des Repositorys wird angesehen. Das dauert einen Moment.",
  submit: "Projekt anlegen",
  created: (name) => `Projekt ${name} angelegt`,
  loopback:
    "Ordner lassen sich nur auf dem Rechner durchsehen, auf dem Oore CI läuft. Diese Seite dort öffnen oder den Pfad eintippen.",
};
