/** German words of `en/next`. */
import type { next as English } from "../en/next";

export const next: typeof English = {
  title: "Wie es weitergeht",
  text: (done, all) =>
    done === 0
      ? "Der Build war erfolgreich. Hake ab, was schon da ist oder nicht gebraucht wird."
      : `${done} von ${all} erledigt.`,
  items: {
    phone: {
      title: "Auf einem Telefon installieren",
      text: "Die Version öffnen und dem Telefon ihren Code zeigen.",
      textLocal: "Telefone müssen diese Instanz erreichen: Gib ihr zuerst eine Adresse.",
    },
    push: {
      title: "Bei jedem Push bauen",
      text: "In den Einstellungen des Projekts steht, wie es von Pushes erfährt.",
    },
    team: {
      title: "Andere dazuholen",
      text: "Per E-Mail einladen und festlegen, was sie dürfen.",
      textLocal: "Diese Instanz ist nur für ihren eigenen Rechner da: Öffne sie zuerst für andere.",
    },
    signing: {
      title: "Builds signieren",
      text: "Keystore oder Zertifikat und die Passwörter als geheime Variablen des Projekts ablegen.",
    },
  },
  done: (title) => `Erledigt: ${title}`,
  putAway: "Endgültig weglegen",
  away: "„Wie es weitergeht“ erscheint nicht mehr",
};
