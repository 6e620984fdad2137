/** Words of how pushes to a project's repository are heard of; loaded with its settings. */
import { area } from "../language";

export const pushes = area("pushes", {
  title: "Pushes",
  webhook: "Last webhook",
  never: "None has come",
  looked: "Looked at",
  every: "Every",
  notLooked: "Never",
  last: "last",
  problem: "It could not be looked at",
  polling: "Look for pushes",
  pollings: {
    auto: "Every minute while no webhooks come, else every hour",
    on: "Every minute",
    off: "Never",
  },
  localPollings: { auto: "All the time", on: "All the time", off: "Never" },
  saved: "Pushes saved",
});
