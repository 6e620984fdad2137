/** German words of `en/projects`. */
import type { projects as English } from "../en/projects";

export const projects: typeof English = {
  title: "Projekte",
  one: "Projekt",
  add: "Neues Projekt",
  search: "Projekte suchen",
  searchPlaceholder: "Name oder Beschreibung",
  sort: "Sortieren nach",
  sorts: { "updated_at:desc": "Zuletzt geändert", "name:asc": "Name", "created_at:desc": "Neueste" },
  emptyTitle: "Noch keine Projekte",
  emptyText: {
    local:
      "Ein Projekt ist ein Repository mit seinen Pipelines und Builds. Am Anfang steht ein Git-Ordner auf diesem Rechner.",
    remote:
      "Ein Projekt ist ein Repository mit seinen Pipelines und Builds. Am Anfang steht eines bei einem verbundenen Code-Host.",
  },
  emptyReadOnly: "Noch ist kein Projekt freigegeben. Ein Owner oder Admin kann dich zu einem hinzufügen.",
  branch: "Standard-Branch",
  repository: "Repository",
  noRepository: "Kein Repository verknüpft",
  updated: "Geändert",
  pins: {
    list: "Angeheftete Projekte",
    pin: (name) => `${name} anheften`,
    unpin: (name) => `${name} nicht mehr anheften`,
    full: (most) => `Höchstens ${most} Projekte lassen sich anheften. Löse zuerst eines.`,
  },
  tabs: {
    overview: "Überblick",
    builds: "Builds",
    variables: "Variablen",
    members: "Mitglieder",
    settings: "Einstellungen",
  },
  overview: {
    pipelines: "Pipelines",
    recent: "Letzte Builds",
    allBuilds: "Alle Builds",
    noPipelines: "Noch keine Pipelines",
    noPipelinesText: "Eine Pipeline sagt, was gebaut wird: Plattformen, Befehle, Artefakte.",
    noPipelinesReadOnly: "Noch hat niemand eine Pipeline angelegt.",
    never: "Noch nie gelaufen",
    disabled: "Abgeschaltet",
    noBuildsText: "Eine Pipeline starten, dann erscheint ihr Build hier.",
    run: "Starten",
    runPipeline: (name) => `${name} starten`,
  },
  settings: {
    general: "Allgemein",
    name: "Name",
    description: "Beschreibung",
    branch: "Standard-Branch",
    forks: "Pull und Merge Requests von Forks",
    forkBuilds: {
      blocked: "Nie bauen",
      approval: "Einen Commit bauen, sobald ihn jemand freigegeben hat",
    },
    forksHelp:
      "Ein freigegebener Commit bekommt keine Geheimnisse und speichert keine Caches. Seine Befehle lesen aber, was der Benutzer deines Runners lesen kann.",
    saved: "Projekt gespeichert",
    danger: "Projekt löschen",
    dangerText: "Löscht das Projekt mit allem darin. Das Repository selbst bleibt unberührt.",
    deleteTitle: (name) => `${name} löschen?`,
    consequences: (pipelines, builds) => [
      `${pipelines} samt Einstellungen`,
      `${builds} samt Logs und Artefakten`,
      "Links darauf führen ins Leere",
    ],
    pipelineCount: (count, one) => (one ? `${count} Pipeline` : `${count} Pipelines`),
    buildCount: (count, one) => (one ? `${count} Build` : `${count} Builds`),
    willGo: "Das geht endgültig verloren:",
    typeName: (name) => `Zur Bestätigung ${name} eintippen`,
    confirm: "Projekt löschen",
    deleted: (name) => `Projekt ${name} gelöscht`,
    activeBuilds: "Noch warten oder laufen Builds. Diese zuerst abbrechen.",
  },
};
