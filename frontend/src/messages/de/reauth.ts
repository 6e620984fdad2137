/** German words of `en/reauth`. */
import type { reauth as English } from "../en/reauth";

export const reauth: typeof English = {
  titles: { expired: "Die Sitzung ist abgelaufen", ended: "Die Sitzung gilt nicht mehr" },
  texts: {
    expired: "Eine Sitzung dauert 24 Stunden.",
    ended: "Sie wurde beendet, hier oder anderswo, oder die Instanz kennt sie nicht.",
  },
  here: "Zum Weitermachen neu anmelden. Alle Eingaben sind noch da, und die letzte Aktion wird wiederholt.",
  besides:
    "In einem eigenen Fenster über den Provider neu anmelden. Alle Eingaben sind noch da, und die letzte Aktion wird wiederholt.",
  window: {
    open: "Weiter geht es im Fenster des Providers.",
    blocked: "Der Browser hat kein Fenster geöffnet",
    closed: "Noch hat sich niemand angemeldet",
    closedText:
      "Ist das Fenster noch offen, geht es dort weiter. Wer sich als jemand anderes anmeldet, kann mit dieser Seite nicht weitermachen.",
    instead:
      "Ohne Fenster wird diese Seite kurz verlassen: Was hier eingegeben und nicht gespeichert ist, kann verloren gehen.",
    leavePage: "Seite verlassen",
    done: "Du bist angemeldet",
    doneText: "Dieses Fenster kann zu: Auf der Seite geht es weiter.",
    toHome: "Zur Übersicht",
  },
  again: "Neu anmelden",
  failed: "Anmeldung fehlgeschlagen",
  leave: "Abmelden",
};
