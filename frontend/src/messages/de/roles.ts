/** German words of `en/roles`. */
import type { roles as English } from "../en/roles";

export const roles: typeof English = {
  you: "du",
  instance: { owner: "Owner", admin: "Admin", developer: "Developer", qa_viewer: "QA-Viewer" },
  project: { maintainer: "Maintainer", developer: "Developer", viewer: "Viewer" },
  instanceText: {
    owner:
      "Alles. Nur der Owner ernennt oder ändert Admins und entscheidet über die Anmeldung. Es gibt genau einen, und er bleibt.",
    admin:
      "Verwaltet Personen, Projekte, Runner und Einstellungen und liest das Audit-Log. Ändert weder den Owner noch andere Admins.",
    developer:
      "Startet und bricht Builds ab und ändert Pipelines in Projekten mit eigener Mitgliedschaft. Erzeugt eigene API-Tokens.",
    qa_viewer:
      "Sieht Builds und installiert Artefakte in Projekten mit eigener Mitgliedschaft. Ändert nichts.",
  },
  projectText: {
    maintainer: "Ändert das Projekt, seine Pipelines und Mitglieder.",
    developer: "Startet und bricht Builds ab, ändert Pipelines.",
    viewer: "Sieht Builds und lädt Artefakte herunter.",
  },
  status: { active: "Aktiv", invited: "Eingeladen", disabled: "Gesperrt" },
};
