/** German words of `en/pushes`. */
import type { pushes as English } from "../en/pushes";

export const pushes: typeof English = {
  title: "Pushes",
  webhook: "Letzter Webhook",
  never: "Keiner ist gekommen",
  looked: "Nachgesehen",
  every: "Alle",
  notLooked: "Nie",
  last: "zuletzt",
  problem: "Es konnte nicht nachgesehen werden",
  polling: "Nach Pushes sehen",
  pollings: {
    auto: "Jede Minute, solange keine Webhooks kommen, sonst jede Stunde",
    on: "Jede Minute",
    off: "Nie",
  },
  localPollings: { auto: "Ständig", on: "Ständig", off: "Nie" },
  saved: "Pushes gespeichert",
};
