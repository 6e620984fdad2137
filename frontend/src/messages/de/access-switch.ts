/** German words of `en/access-switch`. */
import type { accessSwitch as English } from "../en/access-switch";

export const accessSwitch: typeof English = {
  dialog: (way) => `Zu „${way}“ wechseln?`,
  happens: "Das geschieht:",
  all: "Alle Sitzungen enden sofort, auch diese",
  again: {
    local: "Anmelden geht nur noch auf diesem Rechner",
    oidc: "Alle melden sich neu an, über den Provider",
    trusted_proxy: "Alle melden sich neu an, über den Proxy",
  },
  tokens: "API-Tokens funktionieren weiter",
  recovery: "Falls sich danach niemand anmelden kann",
  recoveryText: "Auf dem Rechner, auf dem Oore CI läuft, öffnet das den Weg zurück:",
  command: "oore recovery",
  typed: (word) => `Zur Bestätigung ${word} eintippen`,
  wrong: (word) => `Das ist nicht ${word}. Groß- und Kleinschreibung zählt.`,
  submit: "Wechseln und alle Sitzungen beenden",
};
