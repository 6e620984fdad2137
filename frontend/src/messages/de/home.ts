/** German words of `en/home`. */
import type { home as English } from "../en/home";

export const home: typeof English = {
  title: "Übersicht",
  active: "Laufend und wartend",
  noActive: "Nichts läuft, nichts wartet.",
  recent: "Letzte Builds",
  allBuilds: "Alle Builds",
  projects: "Projekte",
  allProjects: "Alle Projekte",
  firstTitle: "Der Weg zum ersten Build",
  firstText: {
    local: "Drei Schritte, alle auf diesem Rechner.",
    remote: "Vier Schritte vom Code-Host zum Build.",
  },
  steps: {
    project: "Projekt hinzufügen",
    source: "Quelle verbinden",
    sourceText: "GitHub oder GitLab, damit ein Push einen Build startet.",
    connect: "Quelle verbinden",
    projectText: {
      local: "Einen Ordner auf diesem Rechner wählen, der ein Git-Repository ist.",
      remote: "Eines der verbundenen Repositorys wählen.",
    },
    pipeline: "Pipeline hinzufügen",
    pipelineText: "Sie sagt, was gebaut wird. Eine .oore.yaml im Repository wird von selbst gefunden.",
    build: "Build starten",
    buildText: "Das Log live verfolgen und die Ergebnisse herunterladen.",
  },
  done: "erledigt",
  todo: "offen",
  tools: {
    flutterTitle: "Flutter fehlt auf allen Runnern, die online sind",
    flutterText: "Builds, die Flutter brauchen, schlagen fehl, bis dort FVM oder Flutter installiert ist.",
    fvmTitle: "FVM fehlt auf allen Runnern, die online sind",
    fvmText: "Builds nehmen das Flutter im Suchpfad. Mit FVM legt jedes Projekt seine Version selbst fest.",
    noRunnerTitle: "Kein Runner ist online",
    noRunnerText: "Builds warten in der Warteschlange, bis einer da ist.",
    installFvm: "FVM installieren und den Runner neu starten:",
    fvmCommand: "dart pub global activate fvm",
    brewCommand: "brew tap leoafarias/fvm && brew install fvm",
  },
};
