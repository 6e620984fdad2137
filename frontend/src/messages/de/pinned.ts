/** German words of `en/pinned`. */
import type { pinned as English } from "../en/pinned";

export const pinned: typeof English = {
  title: "Jemand hat das inzwischen geändert",
  text: "Speichern ersetzt, was die andere Person gespeichert hat.",
  reload: "Neu laden und meine Änderungen verlieren",
};
