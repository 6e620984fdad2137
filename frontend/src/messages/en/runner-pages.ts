/** Words of the pages of runners; what other pages say of runners is in `runners`. */
export const runnerPages = {
  excluded: {
    badge: "Gets no builds",
    title: "External runners get no builds",
    external:
      "The daemon gives builds to its own runner only. Start it with OORED_RUNNER_MODE=hybrid, or external to build elsewhere only.",
    embedded: "The daemon gives builds to external runners only. This one ends after its last build.",
  },
  machine: {
    cpus: "Processors",
    memory: "Memory",
    disk: "Disk",
    freeOf: "free of",
    xcode: "Xcode versions",
    android: "Android SDK",
    bare: "nothing installed",
  },
  doctor: {
    title: "Doctor report",
    silent: "This runner does not tell what it has. Newer ones do.",
    status: { ok: "OK", warning: "Warning", missing: "Missing" },
  },
  builds: {
    title: "Builds on this runner",
    none: "It has not built anything yet.",
  },
  rename: {
    open: "Rename",
    title: (name: string) => `Rename ${name}`,
    name: "Name",
    submit: "Rename",
    done: (name: string) => `The runner is now called ${name}`,
  },
  remove: {
    open: "Remove",
    title: (name: string) => `Remove ${name}?`,
    intro: "The machine is no runner of this instance any more.",
    consequences: [
      "Its token ends at once; the program on it finds no more work",
      "Its builds and their logs stay",
      "To add the machine again it has to be registered again",
    ],
    submit: "Remove",
    done: (name: string) => `${name} is removed`,
  },
  add: {
    open: "Add a runner",
    title: "Add a runner",
    text: "A runner is a Mac or Linux machine that executes builds. It needs the oore command and reaches this instance by itself; nothing has to reach it.",
    registerTitle: "1. Register the machine",
    registerText:
      "The command holds a token that makes one machine a runner and ends after 15 minutes. Your own session stays here.",
    make: "Make the command",
    again: "Make another",
    until: (time: string) => `Run it on the machine. Good for one machine until ${time}.`,
    used: "The command has been used.",
    expired: "The command has ended unused",
    startTitle: "2. Start it",
    startText: "As a service that is there after every sign-in:",
    serviceCommand: "oore runner install-service",
    foregroundText: "Or in the terminal, until you stop it:",
    startCommand: "oore runner start",
    waitTitle: "3. Wait for it",
    waiting: "Waiting for the machine. This changes by itself.",
    registered: (name: string) => `${name} is registered; it appears when it is started.`,
    online: (name: string) => `${name} is here.`,
    show: (name: string) => `Show ${name}`,
    address: {
      here: {
        title: "This address is good on the daemon's own machine only",
        text: "For another machine set a public https address in the settings, or open this page by it.",
      },
      exposed: {
        title: "Runners refuse this address: it is not encrypted",
        text: "A runner's token must not be read on the way. Put a reverse proxy with a certificate in front and set its https address in the settings.",
      },
    },
  },
};
