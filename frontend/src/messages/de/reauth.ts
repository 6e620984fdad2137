/** German words of `en/reauth`. */
import type { reauth as English } from "../en/reauth";

export const reauth: typeof English = {
  titles: { expired: "Die Sitzung ist abgelaufen", ended: "Die Sitzung gilt nicht mehr" },
  texts: {
    expired: "Eine Sitzung dauert 24 Stunden.",
    ended: "Sie wurde beendet, hier oder anderswo, oder die Instanz kennt sie nicht.",
  },
  here: "Zum Weitermachen neu anmelden. Alle Eingaben sind noch da, und die letzte Aktion wird wiederholt.",
  elsewhere: "Über den Identity-Provider neu anmelden; danach geht es auf dieser Seite weiter.",
  again: "Neu anmelden",
  failed: "Anmeldung fehlgeschlagen",
  leave: "Abmelden",
};
