/** Words of the instance's settings: the list of sections, and the general page. */
export const settings = {
  title: "Settings",
  ways: { local: "On this machine only", oidc: "Identity provider", trusted_proxy: "Access proxy" },
  sections: {
    general: { label: "General", text: "Version, address, and whether builds start." },
    access: { label: "Access", text: "How people reach this instance and sign in." },
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
    paused: "Hold builds back",
    pausedText: "New builds wait in the queue until this is off. Builds that are running go on.",
    nowPaused: "New builds wait from now on.",
    nowRunning: "Builds start again.",
    keys: "Secrets at rest",
    keyModes: { file: "Sealed with a key file", keychain: "Sealed with a key from the keychain" },
  },
};
