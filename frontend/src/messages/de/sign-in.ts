/** German words of `en/sign-in`. */
import type { signIn as English } from "../en/sign-in";

export const signIn: typeof English = {
  title: "Anmelden",
  to: (instance) => `Bei ${instance} anmelden`,
  checking: "Sieht nach der Instanz …",
  instance: "der Instanz",
  host: "Instanz",
  others: "Andere Instanzen",
  failed: "Anmeldung fehlgeschlagen",
  again: "Neu beginnen",
  notices: {
    expired: {
      title: "Die Sitzung ist abgelaufen",
      text: "Eine Sitzung dauert 24 Stunden. Neu anmelden, dann geht es an derselben Stelle weiter.",
    },
    ended: {
      title: "Die Sitzung gilt nicht mehr",
      text: "Sie wurde beendet, hier oder anderswo, oder die Instanz kennt sie nicht. Zum Weitermachen neu anmelden.",
    },
    signed_out: { title: "Du bist abgemeldet.", text: "" },
    signed_out_here: {
      title: "In diesem Browser bist du abgemeldet",
      text: "Die Instanz weiß es nicht. Dort endet deine Sitzung binnen 24 Stunden.",
    },
    set_up: {
      title: "Diese Instanz ist eingerichtet",
      text: "Jetzt anmelden. Was die Einrichtung entschied, lässt sich in den Einstellungen ändern.",
    },
  },
  local: {
    working: "Meldet auf diesem Rechner an …",
    text: "Diese Instanz läuft lokal: Wer an diesem Rechner sitzt, ist ohne Passwort angemeldet.",
    button: "Auf diesem Rechner anmelden",
    email: "E-Mail",
    emailHelp: "Hier haben mehrere Personen ein Konto. Welches ist deines?",
    fromElsewhere: "Auf dem Rechner der Instanz diese Adresse öffnen:",
    toSetUp: "Instanz einrichten",
    atTheMachine: "Der Provider ist nicht erreichbar? Auf dem Rechner der Instanz braucht ihn niemand.",
    atTheMachineProxy: "Der Proxy ist nicht erreichbar? Auf dem Rechner der Instanz braucht ihn niemand.",
  },
  oidc: {
    text: "Bei dieser Instanz meldet man sich über ihren Provider an. Es geht dorthin und zurück.",
    button: "Weiter zum Provider",
    leaving: "Geht zum Provider …",
  },
  proxy: {
    text: "Bei dieser Instanz meldet man sich über ihren Zugangs-Proxy an; er sagt ihr, wer du bist.",
    button: "Über den Proxy anmelden",
  },
  recovery: {
    working: "Meldet über den Rückweg an …",
    failed: "Der Link für den Rückweg wurde abgelehnt",
  },
  callback: {
    title: "Anmeldung läuft",
    failedTitle: "Anmeldung fehlgeschlagen",
    working: "Fragt beim Provider nach …",
    workingSetup: "Prüft, wer du bist …",
    backToSetup: "Zurück zur Einrichtung",
  },
};
