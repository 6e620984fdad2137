/** German words of `en/sessions`. */
import type { sessions as English } from "../en/sessions";

export const sessions: typeof English = {
  title: "Sitzungen",
  text: "Wo du angemeldet bist. Eine Sitzung endet nach 24 Stunden von selbst.",
  list: "Deine Sitzungen",
  current: "Diese Sitzung",
  unknown: "Unbekanntes Programm",
  on: (program, system) => `${program} auf ${system}`,
  from: (address) => `von ${address}`,
  since: "Angemeldet",
  until: "endet",
  end: "Beenden",
  endLabel: (name) => `Sitzung von ${name} beenden`,
  ended: (name) => `Die Sitzung von ${name} ist beendet`,
  endOthers: "Alle anderen beenden",
  othersTitle: "Alle anderen Sitzungen beenden?",
  othersIntro: "Überall außer hier:",
  othersConsequences: [
    "Du wirst sofort abgemeldet",
    "Was dort eingetippt und nicht gespeichert wurde, ist verloren",
  ],
  othersEnded: (count) =>
    count === 1 ? "Eine andere Sitzung ist beendet" : `${count} andere Sitzungen sind beendet`,
  noOthers: "Sonst bist du nirgends angemeldet.",
};
