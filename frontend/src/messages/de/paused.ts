/** German words of `en/paused`. */
import type { paused as English } from "../en/paused";

export const paused: typeof English = {
  title: "Builds sind angehalten",
  text: "Neue Builds warten in der Warteschlange. Laufende Builds laufen weiter.",
};
