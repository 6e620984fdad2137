/** German words of `en/source`. */
import type { source as English } from "../en/source";

export const source: typeof English = {
  doneTitle: (name) => `${name} ist verbunden`,
  doneText: (count, one) =>
    one ? "Ein Repository kann gebaut werden." : `${count} Repositorys können gebaut werden.`,
  doneNothing:
    "Noch zeigt sie kein Repository. Beim Code-Host Zugriff auf welche geben, dann die Repositorys neu lesen.",
  newProject: "Neues Projekt",
  disconnect: "Trennen",
  facts: {
    title: "Über diese Quelle",
    provider: "Art",
    address: "Adresse",
    proof: "Meldet sich an mit",
    proofs: {
      github_app: "GitHub-App",
      oauth_app: "OAuth-Anwendung",
      personal_token: "Zugriffstoken",
      local_path: "Nichts: Es ist ein Ordner",
    },
    status: "Zustand",
    connected: "Verbunden",
    synced: "Repositorys gelesen",
    never: "Nie",
    webhook: "Letzter Webhook",
    noWebhook: "Noch keiner angekommen",
    deliveries: "Alle Zustellungen",
    reports: "Zu meldende Ergebnisse",
    reportCounts: (waiting, failed) => `${waiting} warten, ${failed} aufgegeben`,
  },
  sync: {
    submit: "Repositorys lesen",
    done: (accounts, one) =>
      one ? "Repositorys eines Kontos gelesen" : `Repositorys von ${accounts} Konten gelesen`,
  },
  accounts: {
    title: "Konten",
    none: "Sie sieht noch kein Konto.",
    add: "Zugriff bei GitHub ändern",
    types: { user: "Person", organization: "Organisation", group: "Gruppe" },
  },
  repositories: {
    title: "Repositorys",
    name: "Repositorys",
    search: "Repositorys suchen",
    placeholder: "Besitzer oder Name",
    none: "Noch ist kein Repository bekannt",
    noneText: "Die Repositorys lesen, nachdem beim Code-Host Zugriff auf welche gegeben ist.",
    private: "Privat",
    public: "Öffentlich",
    build: "Neues Projekt",
    buildOf: (name) => `Neues Projekt aus ${name}`,
    webhook: "Webhook",
    webhookOf: (name) => `Webhook von ${name}`,
  },
};
