/** German words of `en/instances`. */
import type { instances as English } from "../en/instances";

export const instances: typeof English = {
  title: "Instanzen",
  intro:
    "Jede Instanz ist ein eigener Daemon, mit eigener Sitzung. Dieser Browser merkt sich Namen und Adressen.",
  list: "Bekannte Instanzen",
  open: (label) => `${label} öffnen`,
  openShort: "Öffnen",
  actions: (label) => `Aktionen für ${label}`,
  own: "Die eigene Instanz dieser Seite",
  keys: (digit, isMac) => (isMac ? `⌘${digit}` : `Strg ${digit}`),
  lastUsed: "Zuletzt benutzt",
  neverUsed: "Hier noch nie geöffnet",
  health: {
    checking: "Prüft …",
    ready: "Erreichbar",
    not_set_up: "Noch nicht eingerichtet",
    signs_in_first: "Verlangt zuerst eine Anmeldung",
    refuses_page: "Lässt diese Seite nicht zu",
    not_oore: "Keine Instanz von Oore CI",
    unreachable: "Nicht erreichbar",
    slow: "Antwortet nicht",
    browser_blocks: "Vom Browser blockiert",
  },
  session: { signedIn: "Angemeldet", expired: "Sitzung abgelaufen", none: "Nicht angemeldet" },
  emptyTitle: "Noch keine Instanz",
  emptyText: "Unten die Adresse deines Daemons eingeben. Sie bleibt in diesem Browser.",
  add: {
    title: "Instanz hinzufügen",
    address: "Adresse",
    addressHelp: "Wie im Browser, etwa https://ci.example.com oder http://localhost:8787.",
    label: "Name",
    labelHelp: "Wie sie hier heißt. Leer: nach ihrem Host.",
    submit: "Prüfen und hinzufügen",
    checking: "Fragt die Adresse, wer sie ist …",
    done: (label) => `${label} wurde hinzugefügt.`,
    anyway: "Trotzdem hinzufügen",
  },
  problems: {
    empty: "Eine Adresse eingeben.",
    no_address: "Das ist keine Adresse. Sie sieht aus wie https://ci.example.com.",
    scheme: "Nur https:// und http:// führen zu einer Instanz.",
    credentials: "Benutzername und Passwort gehören nicht in die Adresse. Anmelden geht nach dem Hinzufügen.",
    extra: "Die Adresse ohne das eingeben, was auf ? oder # folgt.",
    mixed_content:
      "Diese Seite kam über https und darf nur https-Adressen ansprechen (Mixed Content). Der Instanz eine geben oder ihre eigene Seite öffnen.",
    plain_http:
      "Ohne https ist nur dieser Rechner erreichbar: http://localhost und http://127.0.0.1. Der Instanz eine https-Adresse geben oder ihre eigene Seite öffnen.",
  },
  findings: {
    not_oore: {
      title: "Unter dieser Adresse ist kein Oore CI",
      text: "Es antwortet etwas, aber keine Instanz: Port und Host prüfen. Die Adresse hat keinen Pfad.",
    },
    refuses_page: {
      title: "Die Instanz lässt Aufrufe dieser Seite nicht zu",
      text: "Dort antwortet etwas, das der Browser nicht lesen darf. Auf der Instanz unter Einstellungen → Zugang oder in OORE_CORS_ORIGINS eintragen, genau so:",
      also: "Steht ein Zugangs-Proxy davor? Dann die Adresse einmal öffnen, am Proxy anmelden und erneut versuchen.",
    },
    signs_in_first: {
      title: "Etwas vor der Instanz verlangt eine Anmeldung",
      text: "Die Adresse in einem neuen Tab öffnen, dort anmelden und hier erneut versuchen.",
    },
    unreachable: {
      title: "Unter dieser Adresse antwortet nichts",
      text: "Läuft der Daemon, stimmen Host und Port, führt das Netz dorthin? Ein Zertifikat, dem der Browser nicht traut, sieht genauso aus: Adresse öffnen und nachsehen.",
    },
    slow: {
      title: "Keine Antwort in 3 Sekunden",
      text: "Der Host ist vielleicht aus, hinter einer Firewall oder nur per VPN erreichbar.",
    },
    browser_blocks: {
      title: "Der Browser hält diese Seite vom lokalen Netz fern",
      text: "Neben der Adresszeile „Zugriff auf das lokale Netzwerk“ erlauben und erneut versuchen.",
    },
  },
  visit: "Adresse öffnen",
  twice: {
    title: (label) => `${label} steht schon in der Liste`,
    text: "Dieselbe Adresse ist unter diesem Namen da.",
    otherTitle: (label) => `Das ist ${label} unter einer anderen Adresse`,
    otherText: (url) =>
      `Derselbe Daemon steht als ${url} in der Liste. Ein zweiter Eintrag hätte eine eigene Sitzung.`,
  },
  linked: {
    title: "Die Instanz dieses Links hinzufügen?",
    text: "Der Link führt zu einer Instanz, die dieser Browser nicht kennt. Nur fortfahren, wenn diese Adresse bekannt ist:",
    dismiss: "Nicht hinzufügen",
    submit: "Prüfen und hinzufügen",
  },
  rename: {
    entry: "Umbenennen …",
    title: (label) => `${label} umbenennen`,
    label: "Name",
    submit: "Umbenennen",
  },
  up: (label) => `${label} nach oben`,
  down: (label) => `${label} nach unten`,
  moved: (label, place, total) => `${label} ist jetzt Nummer ${place} von ${total}.`,
  signOut: "Abmelden",
  signedOut: (label) => `Von ${label} abgemeldet.`,
  remove: {
    entry: "Entfernen …",
    title: (label) => `${label} entfernen?`,
    intro: "Dieser Browser vergisst die Instanz:",
    consequences: (url, signedIn) => [
      `Name und Adresse ${url}`,
      ...(signedIn ? ["die Sitzung dort, sie wird beendet"] : []),
      "was von ihr geladen und für sie in diesem Tab eingetippt wurde",
    ],
    keeps: "Die Instanz selbst, ihre Builds und dein Konto bleiben, wie sie sind.",
    submit: "Entfernen",
    done: (label) => `${label} wurde aus diesem Browser entfernt.`,
  },
  file: {
    title: "Die Liste mitnehmen",
    text: "Namen und Adressen als Datei, ohne Sitzungen. Was schon in der Liste steht, bleibt.",
    export: "Exportieren",
    import: "Importieren …",
    pick: "Datei mit einer Liste von Instanzen",
    name: "oore-instances.json",
    invalid: "Diese Datei ist keine Liste von Instanzen, die hier exportiert wurde.",
    done: (added, known) =>
      [
        added === 1 ? "1 Instanz wurde hinzugefügt." : `${added} Instanzen wurden hinzugefügt.`,
        known > 0 && (known === 1 ? "1 stand schon in der Liste." : `${known} standen schon in der Liste.`),
      ]
        .filter(Boolean)
        .join(" "),
    refused: (url, why) => `${url}: ${why}`,
  },
  switcher: {
    title: "Instanzen",
    manage: "Instanzen verwalten",
  },
};
