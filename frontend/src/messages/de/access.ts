/** German words of `en/access`. */
import type { access as English } from "../en/access";

export const access: typeof English = {
  title: "Zugang",
  name: "Zugangseinstellungen",
  readOnly: "Nur der Owner ändert, wie die Instanz erreicht wird und wie man sich anmeldet.",
  wayText: {
    local: "Niemand von außen. Auf dem Rechner, auf dem Oore CI läuft, braucht es kein Passwort.",
    oidc: "Anmelden mit einem Konto bei Google, Okta, Entra, Keycloak oder einem anderen OpenID-Provider.",
    trusted_proxy: "Ein Proxy vor Oore CI meldet die Leute an und nennt sie in einem Header.",
  },
  mode: {
    title: "Wie man sich anmeldet",
    current: "In Gebrauch",
    choose: "Wechseln",
    switchTo: (way) => `Wechseln zu: ${way}`,
    checks: "Das muss in Ordnung sein:",
    notReady: "Einige Prüfungen sind noch nicht in Ordnung.",
  },
  checks: {
    title: "Prüfungen",
    name: "Prüfungen",
    again: "Erneut prüfen",
    ready: "Für den Zugang von außen ist alles in Ordnung.",
    notReady: "Der Zugang von außen kann noch nicht eingeschaltet werden.",
    ok: "In Ordnung",
    failed: "Nicht in Ordnung",
    list: "Prüfungen, bevor andere hereindürfen",
    fixAddress: "Meine Adresse ändern",
  },
};
