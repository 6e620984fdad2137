/** German words of `en/start`. */
import type { start as English } from "../en/start";

export const start: typeof English = {
  title: "Erster Build",
  heading: "Deine App bauen",
  text: "Eine App wählen und auf Bauen drücken. Nichts muss eingetippt werden.",
  skip: "Stattdessen zur Übersicht",
  name: "was dieser Rechner hat",
  app: {
    title: "App",
    name: "Apps auf diesem Rechner",
    searching: "Sucht Flutter-Apps auf diesem Rechner …",
    label: "Zu bauende App",
    roots: (names) => `Enthält ${names}`,
    more: (count) => `und ${count} weitere`,
    used: "zuletzt benutzt",
    known: "Ist schon ein Projekt",
    open: (name) => `Projekt ${name} öffnen`,
    none: "Keine Flutter-App gefunden",
    noneText: (folders) => `Durchsucht: ${folders}.`,
    noFolder: "Keiner der üblichen Ordner wie Projects, dev oder src ist in deinem Benutzerordner.",
    noneHow:
      "Gefunden wird eine App, wenn ihr Ordner ein Git-Repository mit einem Commit und einer pubspec.yaml ist.",
    other: "Anderen Ordner wählen",
    again: "Noch einmal suchen",
    truncated: "Vielleicht gibt es mehr: Nur ein Teil der Ordner wurde durchsucht.",
  },
  target: {
    title: "Ziel",
    none: "Zuerst eine App wählen.",
  },
  go: {
    title: "Los",
    button: "Bauen",
    ready: (app, pipeline) => `Legt das Projekt ${app} an und baut ${pipeline}.`,
    noApp: "Zuerst eine App wählen.",
    noTarget: "Mindestens eine Pipeline wählen.",
    blocked: (what) => `Vorher nötig: ${what}.`,
    noRunner: "Noch ist kein Runner online; der Build wartet auf einen.",
    notStarted: (reason) => `Das Projekt ist da, aber sein Build wurde nicht gestartet: ${reason}`,
  },
  checks: {
    title: "Dieser Rechner",
    live: "Wird laufend geprüft, solange diese Seite offen ist.",
    looking: "Der Runner sieht nach, was dieser Rechner hat …",
    none: "Hier ist kein Runner, der nachsehen könnte. Den Daemon mit seinem eigenen Runner starten oder einen hinzufügen.",
    addRunner: "Runner hinzufügen",
    status: { ok: "OK", warning: "Warnung", missing: "Fehlt" },
    notNeeded: "für dieses Ziel nicht nötig",
    problems: (count) =>
      count === 0
        ? "Alles, was dieses Ziel braucht, ist da."
        : count === 1
          ? "Eines fehlt."
          : `${count} Dinge fehlen.`,
  },
  elsewhere: "Das ist ein anderer Rechner: Apps werden nur auf dem Rechner der Instanz selbst gesucht.",
  remote: "Diese Instanz ist für ein Team: einen Code-Host verbinden und eines seiner Repositorys wählen.",
  newProject: "Neues Projekt",
};
