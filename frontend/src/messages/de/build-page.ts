/** German words of `en/build-page`. */
import type { buildPage as English } from "../en/build-page";

export const buildPage: typeof English = {
  page: {
    views: "Ansichten dieses Builds",
    summary: "Übersicht",
    log: "Log",
    tests: "Tests",
    testsFailed: (count) => `${count.toLocaleString("de")} fehlgeschlagen`,
    timeline: "Zeitachse",
    artifacts: "Artefakte",
    config: "Konfiguration",
    rerun: "Wiederholen",
    rerunWays: "Andere Arten zu wiederholen",
    rerunBusy: "Einer wird gerade angelegt",
    rerunFailed: (step) => `Ab dem fehlgeschlagenen Schritt: ${step}`,
    rerunDone: (number) => `Build #${number} wartet`,
    cancel: "Build abbrechen",
    more: "Weitere Aktionen",
    pin: "Anheften: behalten, was die Aufbewahrung auch sagt",
    unpin: "Nicht mehr anheften",
    pinned: (number) => `Build #${number} ist angeheftet`,
    unpinned: (number) => `Build #${number} ist nicht mehr angeheftet`,
    pinnedBy: (who) => `Angeheftet von ${who}`,
    pinnedBySomebody: "Angeheftet",
    withGreen: "Mit dem letzten erfolgreichen vergleichen",
    noneGreen: "Kein früherer Build dieser Pipeline und dieses Branches war erfolgreich.",
    tooFarBack: (count) =>
      `Keiner der neuesten ${count} erfolgreichen Builds dieser Pipeline und dieses Branches ist älter.`,
    canceled: (number) => `Build #${number} abgebrochen`,
    facts: "Angaben",
    attemptNumber: (value) => `Versuch ${value}`,
    atCodeHost: "beim Code-Host, in einem neuen Tab",
    copySha: "Vollständige Commit-ID kopieren",
    waitingTitle: "Wartet auf den Start",
    waitingAt: (position) =>
      position === 1
        ? "Wartet auf den Start: als nächster an der Reihe"
        : `Wartet auf den Start: Nummer ${position} in der Warteschlange`,
    waitingRunners: "Was jeder Runner gerade macht",
    waitingReasons: {
      offline: "offline",
      missing_labels: "ihm fehlt",
      draining: "nimmt keine neuen Builds an",
      repository_unavailable: "nicht gefragt: Das Repository ist nicht da",
      paused: "nicht gefragt: Builds sind angehalten",
      pipeline_full: "nicht gefragt: Die Pipeline hat so viele Builds, wie sie darf",
      disk_low: "nicht gefragt: Die Festplatte des Daemons ist fast voll",
      no_slot: "kein freier Platz: mit anderen Builds beschäftigt",
      ready: "frei, nimmt gleich einen Build",
    },
    waitingFor: "Noch hat kein Runner diesen Build angenommen.",
    waitingBlocked: {
      instance_paused: "Builds sind auf dieser Instanz angehalten.",
      repository_unavailable: "Das Repository dieses Projekts ist nicht erreichbar.",
    },
    sourceLink: "erster Build",
    untrusted: "Fork, nicht vertrauenswürdig",
  },
  summary: {
    by: (actor) => `durch ${actor}`,
    active: "Er läuft noch: Was er speichert und findet, erscheint hier.",
    to: { artifacts: "Alle Artefakte", tests: "Alle Tests" },
    passed: "erfolgreich",
    failed: "fehlgeschlagen",
    skipped: "übersprungen",
  },
  related: {
    run: (at, count) => `Lauf ${at} von ${count}`,
    runs: "Läufe",
    fromStep: (step) => `ab ${step}`,
    notRead: "Die Builds rund um diesen konnten nicht gelesen werden",
    siblings: "Alle Builds dieser Matrix",
    matrix: (count) => `Matrix aus ${count} Builds`,
  },
  changes: {
    title: "Änderungen",
    name: "Änderungen",
    since: "Seit dem letzten erfolgreichen Build:",
    same: "Derselbe Commit wie beim letzten erfolgreichen Build:",
    noneBefore: "Kein Build davor war erfolgreich. Das sind die neuesten Commits:",
    all: (count) => `Alle ${count} zeigen`,
    more: "Und weitere, die hier nicht stehen.",
  },
  failure: {
    since: "Schlägt fehl seit",
    ago: (count) => (count === 1 ? "vor 1 Build" : `vor ${count >= 200 ? "mindestens " : ""}${count} Builds`),
    first: "Der erste, der fehlschlug.",
    lastPassed: "Zuletzt erfolgreich:",
    nonePassed: "Keiner davor war erfolgreich.",
    compare: "Mit dem letzten grünen vergleichen",
    title: "Warum er fehlschlug",
    inStep: (step) => `Schritt ${step} fehlgeschlagen`,
    exit: (code) => `Exit-Code ${code}`,
    lastLines: "Aus dem Log",
    toLine: (number) => `Zeile ${number} im Log zeigen`,
    reading: "Liest das Log …",
    reasons: {
      step_failed: {
        title: "Ein Schritt ist fehlgeschlagen",
        fix: "Die Zeilen unten stammen aus diesem Schritt. Ursache beheben, dann wiederholen.",
      },
      invalid_config: {
        title: "Die Pipeline-Datei hat einen Fehler",
        fix: "Die .oore.yaml an der oben genannten Stelle berichtigen und einen neuen Build starten.",
      },
      checkout_failed: {
        title: "Der Commit konnte nicht ausgecheckt werden",
        fix: "Prüfen, ob das Repository erreichbar ist und es den Commit noch gibt.",
      },
      tool_missing: {
        title: "Auf dem Runner fehlt ein Werkzeug",
        fix: "Das oben Genannte dort installieren, wo der Runner läuft, dann wiederholen.",
      },
      no_artifacts: {
        title: "Keine Datei passte zu den Artefakt-Mustern",
        fix: "Die Muster in der Konfiguration mit den Pfaden vergleichen, die der Build schreibt.",
      },
      disk_full: {
        title: "Die Festplatte des Runners ist voll",
        fix: "Auf dem Runner Platz schaffen, dann wiederholen.",
      },
      resource_limit: {
        title: "Der Build hat den Runner zu sehr beansprucht",
        fix: "Er wurde gestoppt, damit der Runner und andere Builds weiterlaufen. Die Meldung oben nennt die Grenze.",
      },
      timed_out: {
        title: "Der Build hat zu lange gedauert",
        fix: "Das Zeitlimit erhöhen oder im Log den Schritt suchen, der hängt.",
      },
      no_output: {
        title: "Ein Schritt war zu lange still",
        fix: "Er wurde gestoppt, weil er nichts ausgab. Die letzten Zeilen stehen unten.",
      },
      runner_lost: {
        title: "Der Runner ist verschwunden",
        fix: "Er meldete sich während des Builds nicht mehr. Runner prüfen, dann wiederholen.",
      },
      not_runnable: {
        title: "Er konnte keinem Runner gegeben werden",
        fix: "Die Meldung oben sagt, was fehlt. Beheben, dann einen neuen Build starten.",
      },
      upload_failed: {
        title: "Ein Artefakt konnte nicht gespeichert werden",
        fix: "Den Speicher dieser Instanz prüfen, dann wiederholen.",
      },
      internal: {
        title: "Oore CI selbst hat versagt",
        fix: "Das liegt nicht am Projekt. Wiederholen; geht es wieder schief, hilft das Log des Daemons.",
      },
    },
    unknown: { title: "Der Build ist fehlgeschlagen", fix: "Die letzten Zeilen des Logs stehen unten." },
    timedOut: {
      title: "Der Build hat das Zeitlimit überschritten",
      fix: "Das Zeitlimit erhöhen oder im Log den Schritt suchen, der hängt.",
    },
  },
};
