/** Words of the general page of the settings. */
import { area } from "../language";

export const general = area("general", {
  title: "General",
  name: "settings",
  instance: "This instance",
  version: "Version",
  id: "Instance id",
  address: "Public address",
  noAddress: "None: it is reached on this machine only.",
  mode: "Sign-in",
  builds: "Builds",
  goesOn: "Builds start as soon as a runner takes them.",
  pause: "Pause building",
  pauseText: "New builds wait in the queue until building is resumed. Builds that are running go on.",
  pauseHelp: "Shown on the pages of builds and runners, and at each build that waits.",
  resume: "Resume building",
  nowPaused: "New builds wait from now on.",
  nowRunning: "Builds start again.",
  keys: "Secrets at rest",
  keyModes: { file: "Sealed with a key file", keychain: "Sealed with a key from the keychain" },
});
