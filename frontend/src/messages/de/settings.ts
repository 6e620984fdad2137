/** German words of `en/settings`. */
import type { settings as English } from "../en/settings";

export const settings: typeof English = {
  title: "Einstellungen",
  ways: { local: "Nur auf diesem Rechner", oidc: "Provider", trusted_proxy: "Zugangs-Proxy" },
  sections: {
    general: "Allgemein",
    access: "Zugang",
    sources: "Quellen",
    deliveries: "Zustellungen",
    storage: "Speicher",
    retention: "Aufbewahrung",
    notifications: "Benachrichtigungen",
    users: "Personen",
    audit: "Audit-Log",
    system: "System",
  },
};
