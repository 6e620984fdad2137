/** German words of `en/settings-texts`. */
import type { settingsTexts as English } from "../en/settings-texts";

export const settingsTexts: typeof English = {
  general: "Version, Adresse, und ob Builds starten.",
  access: "Wie diese Instanz erreicht wird und man sich anmeldet.",
  sources: "Woher Code kommt: GitHub, GitLab, dieser Rechner.",
  deliveries: "Was aus Webhooks wurde.",
  storage: "Wo Artefakte gespeichert werden: auf diesem Rechner oder in einem Bucket.",
  retention: "Wie lange Builds behalten, was sie erzeugt haben.",
  notifications: "Wer erfährt, wenn Builds enden und Runner verstummen.",
  users: "Wer hereindarf, und als was.",
  audit: "Wer was getan hat, von wo und wann.",
};
