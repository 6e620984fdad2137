/** German words of `en/log-parts`. */
import type { logParts as English } from "../en/log-parts";

export const logParts: typeof English = {
  region: "Teil des Logs",
  last: (shown, of) => `Die letzten ${shown} von ${of} Zeilen`,
  between: (from, to, of) => `Zeilen ${from} bis ${to} von ${of}`,
  unfollowed: "Neue Zeilen erscheinen hier nicht.",
  earlier: "Frühere laden",
  later: "Spätere laden",
  end: "Zum Ende",
  download: "Ganzes Log herunterladen",
  searching: "Sucht …",
  remote: {
    title: "In dem Teil, der hier nicht gezeigt wird",
    count: (count, text) => (count === 1 ? "1 Zeile" : `${text} Zeilen`),
    more: "Weitersuchen",
  },
};
