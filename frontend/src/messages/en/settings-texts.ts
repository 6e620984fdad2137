/** What each section of the settings is for, on the page that lists them. */
import { area } from "../language";

export const settingsTexts = area("settingsTexts", {
  general: "Version, address, and whether builds start.",
  access: "How people reach this instance and sign in.",
  sources: "Where code comes from: GitHub, GitLab, this machine.",
  deliveries: "What webhooks came to.",
  storage: "Where artifacts are stored: on this machine, or in a bucket.",
  retention: "How long builds keep what they made.",
  notifications: "Who is told when builds end and runners fall silent.",
  users: "Who may come in, and as what.",
  audit: "Who did what, from where and when.",
});
