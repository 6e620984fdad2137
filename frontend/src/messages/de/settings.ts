/** German words of `en/settings`. */
import type { settings as English } from "../en/settings";

export const settings: typeof English = {
  title: "Einstellungen",
  ways: { local: "Nur auf diesem Rechner", oidc: "Identity-Provider", trusted_proxy: "Zugangs-Proxy" },
  sections: {
    general: { label: "Allgemein", text: "Version, Adresse, und ob Builds starten." },
    access: { label: "Zugang", text: "Wie diese Instanz erreicht wird und man sich anmeldet." },
    sources: { label: "Quellen", text: "Woher Code kommt: GitHub, GitLab, dieser Rechner." },
    deliveries: { label: "Zustellungen", text: "Was aus Webhooks wurde." },
    users: { label: "Personen", text: "Wer hereindarf, und als was." },
    audit: { label: "Audit-Log", text: "Wer was getan hat, von wo und wann." },
  },
  general: {
    title: "Allgemein",
    name: "Einstellungen",
    instance: "Diese Instanz",
    version: "Version",
    id: "Instanz-ID",
    address: "Öffentliche Adresse",
    noAddress: "Keine: nur auf diesem Rechner erreichbar.",
    mode: "Anmeldung",
    builds: "Builds",
    goesOn: "Builds starten, sobald ein Runner sie annimmt.",
    pause: "Builds anhalten",
    pauseText: "Neue Builds warten, bis es weitergeht. Laufende Builds laufen weiter.",
    pauseHelp: "Erscheint auf den Seiten der Builds und Runner und bei jedem wartenden Build.",
    resume: "Builds fortsetzen",
    nowPaused: "Neue Builds warten von jetzt an.",
    nowRunning: "Builds starten wieder.",
    keys: "Gespeicherte Geheimnisse",
    keyModes: {
      file: "Versiegelt mit einer Schlüsseldatei",
      keychain: "Versiegelt mit einem Schlüssel aus dem Schlüsselbund",
    },
  },
};
