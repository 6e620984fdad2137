/** German words of `en/repository-picker`. */
import type { repositoryPicker as English } from "../en/repository-picker";

export const repositoryPicker: typeof English = {
  title: "Repositorys",
  name: "Repositorys",
  search: "Repositorys suchen",
  placeholder: "Besitzer oder Name",
  pick: "Wählen",
  pickOf: (name) => `${name} wählen`,
  private: "Privat",
  more: (shown, total) => `${shown} von ${total}. Andere über die Suche.`,
  none: "Noch ist kein Repository verbunden",
  noneText: "GitHub oder GitLab verbinden; deren Repositorys stehen dann hier.",
  ask: "Das kann ein Owner oder Admin dieser Instanz.",
  connect: "Quelle verbinden",
};
