/** German words of `en/secret`. */
import type { secret as English } from "../en/secret";

export const secret: typeof English = {
  stored: "Gespeichert. Es wird nie angezeigt.",
  none: "Keines gespeichert.",
  replace: "Ersetzen",
  set: "Eingeben",
  remove: "Entfernen",
  keep: "Das gespeicherte behalten",
  willGo: "Beim Speichern wird es entfernt.",
};
