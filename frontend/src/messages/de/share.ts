/** German words of `en/share`. */
import type { share as English } from "../en/share";

export const share: typeof English = {
  title: (name) => `${name} teilen`,
  text: "Ein Link öffnet diese eine Datei ohne Anmeldung, bis er abläuft, widerrufen wird oder aufgebraucht ist.",
  lifetime: "Gilt",
  lifetimes: { "3600": "Eine Stunde", "86400": "Einen Tag", "604800": "Eine Woche" },
  single: "Nur für einen Download",
  singleText: "Der erste Download braucht ihn auf. Die Vorschau eines Chat-Programms nicht.",
  make: "Link erzeugen",
  made: "Den Link jetzt kopieren: Er wird nicht noch einmal angezeigt.",
  links: "Links zu dieser Datei",
  linksName: "Links",
  none: "Noch wurde kein Link erzeugt.",
  by: (email) => `von ${email}`,
  until: "bis",
  used: "zuletzt benutzt",
  never: "nie benutzt",
  once: "ein Download",
  state: { active: "Aktiv", used: "Aufgebraucht", expired: "Abgelaufen", revoked: "Widerrufen" },
  revoke: "Widerrufen",
  revokeOf: (prefix) => `Link ${prefix} widerrufen`,
  revoked: "Der Link ist widerrufen",
};
