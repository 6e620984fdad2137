/** Words of the instance's settings: the list of sections, and the general page. */
import { area } from "../language";

export const settings = area("settings", {
  title: "Settings",
  ways: { local: "On this machine only", oidc: "Identity provider", trusted_proxy: "Access proxy" },
  sections: {
    general: { label: "General", text: "Version, address, and whether builds start." },
    access: { label: "Access", text: "How people reach this instance and sign in." },
    sources: { label: "Sources", text: "Where code comes from: GitHub, GitLab, this machine." },
    deliveries: { label: "Deliveries", text: "What webhooks came to." },
    users: { label: "People", text: "Who may come in, and as what." },
    audit: { label: "Audit log", text: "Who did what, from where and when." },
  },
  general: {
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
  },
});
