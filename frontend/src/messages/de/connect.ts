/** German words of `en/connect`. */
import type { connect as English } from "../en/connect";

export const connect: typeof English = {
  which: "Welcher Code-Host?",
  options: {
    github: { label: "GitHub", text: "github.com oder GitHub Enterprise, über eine eigene App." },
    gitlab: {
      label: "GitLab",
      text: "gitlab.com oder ein eigenes, über ein Token oder eine OAuth-Anwendung.",
    },
  },
  github: {
    what: "Was geschieht",
    steps: [
      "GitHub fragt nach dem Namen einer neuen App. Sie gehört dir, nicht uns.",
      "Dort wählst du die Repositorys, die sie lesen darf.",
      "Danach geht es hierher zurück, und sie stehen in der Liste.",
    ],
    where: "Wo liegen die Repositorys?",
    places: {
      public: { label: "github.com" },
      enterprise: { label: "GitHub Enterprise Server", text: "Auf einem eigenen Server." },
    },
    host: "Adresse von GitHub Enterprise",
    hostHelp: "Nur Schema und Host, etwa https://github.example.com.",
    organization: "Organisation",
    organizationHelp: "Wem die App gehören soll. Leer: dir selbst.",
    webhook: "Webhook-Adresse",
    webhookHelp:
      "Wohin GitHub Pushes und Pull Requests meldet. GitHub muss sie erreichen: Eine Adresse wie localhost genügt nicht.",
    submit: "Weiter zu GitHub",
    minutes: "Für den Rückweg bleiben zehn Minuten. Dauert es länger, hier neu beginnen.",
    leftTitle: "Der Weg zu GitHub ist begonnen, aber nicht beendet",
    leftText:
      "Hat GitHub die App angelegt, geht es bei ihrer Quelle in der Liste weiter. Sonst neu beginnen; eine übrige App lässt sich bei GitHub löschen.",
    toList: "Quellen zeigen",
  },
  gitlab: {
    host: "Adresse von GitLab",
    hostHelp: "https://gitlab.com oder der eigene Server; ein Pfad ist möglich.",
    how: "Wie meldet sich diese Instanz an?",
    ways: {
      personal_token: {
        label: "Zugriffstoken",
        text: "Schnell. Das Token einer Person, Gruppe oder eines Projekts; es endet irgendwann und wird hier ersetzt.",
      },
      oauth_app: {
        label: "OAuth-Anwendung",
        text: "Erneuert sich selbst. Dafür wird bei GitLab einmal eine Anwendung registriert.",
      },
    },
    token: "Zugriffstoken",
    tokenHelp:
      "Bei GitLab unter „Access tokens“ erzeugen, mit read_api und read_repository; mit api statt read_api zeigt es auch Ergebnisse an Commits.",
    register: "Die Anwendung bei GitLab mit diesen Angaben registrieren",
    registerWhere: "Bei GitLab: Edit profile, Applications; oder für alle: Admin, Applications.",
    redirect: "Redirect-URI",
    scopes: "Berechtigungen (Scopes)",
    confidential: "„Confidential“ angehakt lassen.",
    clientId: "Anwendungs-ID",
    clientSecret: "Geheimnis",
    secretNote: "Es wird versiegelt gespeichert und nie wieder angezeigt.",
    submit: "GitLab verbinden",
    toGitlab: "Weiter zu GitLab",
  },
};
