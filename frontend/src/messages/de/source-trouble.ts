/** German words of `en/source-trouble`. */
import type { sourceTrouble as English } from "../en/source-trouble";

export const sourceTrouble: typeof English = {
  error: "Diese Quelle funktioniert nicht",
  unknown: "Der Code-Host nimmt ihre Zugangsdaten nicht an.",
  consequence: "Builds ihrer Repositorys können nicht starten, bis sie repariert ist.",
  soon: "Ihre Zugangsdaten laufen bald ab",
  inactive: "Die Anwendung ist noch nicht autorisiert",
  authorize: "Bei GitLab autorisieren",
  inactiveText:
    "Zu GitLab gehen und zustimmen, dass diese Instanz deine Projekte liest. Danach geht es hierher zurück.",
  notInstalled: "Die App ist noch nicht installiert",
  notInstalledText:
    "GitHub hat die App angelegt, aber sie sieht kein Konto. Dort installieren, wo die Repositorys liegen.",
  install: "Bei GitHub installieren",
  again: "Neu verbinden",
  againText: "GitHub noch einmal verbinden und diese Quelle danach trennen.",
};
