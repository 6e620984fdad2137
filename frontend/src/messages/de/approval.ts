/** German words of `en/approval`. */
import type { approval as English } from "../en/approval";

export const approval: typeof English = {
  approve: "Freigeben",
  approveFor: (pipeline) => `${pipeline} freigeben`,
  title: (pipeline) => `Diesen Commit mit ${pipeline} bauen?`,
  commit: (sha, sender) =>
    sender
      ? `Commit ${sha} von ${sender}. Zuerst die Änderungen lesen.`
      : `Commit ${sha}. Zuerst die Änderungen lesen.`,
  cannot: "Der Build bekommt nichts davon",
  cannotLines: [
    "Geheimnisse und Variablen des Projekts und der Pipeline",
    "Signaturschlüssel und Zertifikate",
    "Zugangsdaten zu anderen Repositorys",
    "Eine Möglichkeit, in Caches etwas für spätere Builds zu hinterlassen",
  ],
  can: "Seine Befehle können",
  canLines: [
    "Dieses Repository und die Caches früherer Builds lesen",
    "Das Netz des Runners benutzen",
    "Lesen und ändern, was der Benutzer des Runners lesen und ändern kann",
  ],
  once: "Nur dieser Commit wird freigegeben. Ein neuerer braucht eine neue Freigabe.",
  confirm: "Freigeben und bauen",
  approved: (pipeline) => `Freigegeben: ${pipeline} baut den Commit.`,
};
