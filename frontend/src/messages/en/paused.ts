/** Words of an instance that starts no builds. */
import { area } from "../language";

export const paused = area("paused", {
  title: "Building is paused",
  text: "New builds wait in the queue. Builds that are running go on.",
});
