/** German words of `en/source-names`. */
import type { sourceNames as English } from "../en/source-names";

export const sourceNames: typeof English = {
  title: "Quellen",
  one: "Quelle",
  connect: "Quelle verbinden",
  providers: { github: "GitHub", gitlab: "GitLab", local_git: "Dieser Rechner" },
  status: { active: "Verbunden", inactive: "Nicht fertig", error: "Muss repariert werden" },
  newTab: "(öffnet einen neuen Tab)",
  localTitle: "Code-Hosts brauchen Zugang von außen",
  localText:
    "Diese Instanz ist nur auf ihrem Rechner erreichbar und baut dessen Ordner. Zuerst andere hereinlassen, dann GitHub oder GitLab verbinden.",
  toAccess: "Zugangseinstellungen öffnen",
  ownPageTitle: "Weiter geht es auf der eigenen Seite der Instanz",
  ownPageText: "Der Code-Host schickt zur eigenen Seite der Instanz zurück. Dort weitermachen.",
  toOwnPage: "Bei der Instanz öffnen",
};
