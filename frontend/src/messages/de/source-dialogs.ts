/** German words of `en/source-dialogs`. */
import type { sourceDialogs as English } from "../en/source-dialogs";

export const sourceDialogs: typeof English = {
  disconnect: {
    title: (name) => `${name} trennen?`,
    intro: "Was mit ihr verloren geht:",
    consequences: (repositories, one) => [
      one ? "Ihr Repository wird vergessen" : `Ihre ${repositories} Repositorys werden vergessen`,
      "Projekte daraus behalten ihre Builds, haben aber kein Repository mehr",
      "Deren wartende Builds werden abgebrochen",
    ],
    atHost: {
      github: [
        "Webhooks von ihr werden abgelehnt",
        "Die App bleibt bei GitHub: dort in den Einstellungen ihres Besitzers löschen",
      ],
      gitlab: [
        "Webhooks von ihr werden abgelehnt",
        "Token und Anwendung bleiben bei GitLab: dort widerrufen",
      ],
      local_git: ["Der Ordner selbst bleibt unberührt"],
    },
    submit: "Trennen",
    done: (name) => `${name} ist getrennt`,
    running: "Nichts wurde geändert.",
  },
  token: {
    title: "Zugriffstoken ersetzen",
    text: "Das neue Token muss zum selben Konto gehören. Das alte wird sofort vergessen.",
    label: "Zugriffstoken",
    help: "Bei GitLab unter „Access tokens“ erzeugen, mit read_api und read_repository; mit api statt read_api zeigt es auch Ergebnisse an Commits.",
    submit: "Token ersetzen",
    done: "Das Token ist ersetzt und funktioniert.",
  },
  hook: {
    title: (name) => `Webhook von ${name}`,
    text: "GitLab meldet Pushes und Merge Requests über einen Webhook. Er braucht ein Geheimnis, das einmal angezeigt wird.",
    warning:
      "Hat das Repository schon einen Webhook, endet dessen Geheimnis sofort: das neue gleich bei GitLab eintragen.",
    make: "Neues Geheimnis erzeugen",
    once: "Das Geheimnis jetzt kopieren. Es wird nicht noch einmal angezeigt.",
    where: "Bei GitLab: das Projekt, Settings, Webhooks, Add new webhook.",
    url: "Adresse",
    secret: "Geheimes Token",
    tick: "Diese Auslöser anhaken",
    triggers: ["Push events", "Tag push events", "Merge request events"],
    ssl: "Die SSL-Prüfung eingeschaltet lassen, wenn diese Instanz eine https-Adresse hat.",
    open: "Seite bei GitLab öffnen",
    done: "Eingetragen",
  },
};
