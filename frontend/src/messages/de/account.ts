/** German words of `en/account`. */
import type { account as English } from "../en/account";

export const account: typeof English = {
  title: "Mein Konto",
  sections: { profile: "Profil", tokens: "API-Tokens", sessions: "Sitzungen", shortcuts: "Tastatur" },
  email: "E-Mail",
  displayName: "Name",
  role: "Rolle",
  since: "Seit",
  id: "Konto-ID",
  address: {
    title: "E-Mail-Adresse",
    placeholder:
      "Diese Adresse steht für alle, die an dem Rechner sitzen. Von anderswo meldet sich niemand damit an.",
    help: "Die, unter der dich dein Provider oder Proxy kennt. Sitzungen laufen weiter.",
    behindProxy:
      "Hinter dem Proxy lässt sich die Adresse nur auf dem Rechner des Daemons ändern: dort unter http://localhost anmelden.",
    save: "Adresse speichern",
    done: "Die Adresse ist geändert.",
  },
  appearance: {
    title: "In diesem Browser",
    rowsLabel: "Zeilen von Listen und Tabellen",
    rows: {
      comfortable: { label: "Bequem" },
      compact: {
        label: "Kompakt",
        text: "Mehr auf einen Blick. Auf Touch-Bildschirmen behalten die Zeilen ihre Höhe.",
      },
    },
    timesLabel: "Zeiten",
    times: { relative: "Wie lange her", absolute: "Datum und Uhrzeit" },
    language: "Sprache",
    asBrowser: "Wie der Browser",
  },
  fromProvider: "Name und E-Mail-Adresse kommen von der Anmeldung.",
};
