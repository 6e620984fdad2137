/** Words of the page that leads from a fresh instance to the first build. */
import { area } from "../language";

export const start = area("start", {
  title: "First build",
  heading: "Build your app",
  text: "Choose an app and press Build. Nothing has to be typed.",
  skip: "Go to Home instead",
  name: "what this machine has",
  app: {
    title: "App",
    name: "the apps on this machine",
    searching: "Looking for Flutter apps on this machine…",
    label: "App to build",
    roots: (names: string) => `Holds ${names}`,
    more: (count: number) => `and ${count} more`,
    used: "last used",
    known: "Is a project already",
    open: (name: string) => `Open project ${name}`,
    none: "No Flutter app was found",
    noneText: (folders: string) => `Looked through ${folders}.`,
    noFolder: "None of the usual folders, such as Projects, dev or src, is in your home folder.",
    noneHow: "An app is found if its folder is a git repository with a commit and a pubspec.yaml.",
    other: "Choose another folder",
    again: "Look again",
    truncated: "There may be more: only a part of the folders was looked through.",
  },
  target: {
    title: "Target",
    none: "Choose an app first.",
  },
  go: {
    title: "Go",
    button: "Build",
    ready: (app: string, pipeline: string) => `Makes the project ${app} and builds ${pipeline}.`,
    noApp: "Choose an app first.",
    noTarget: "Choose at least one pipeline.",
    blocked: (what: string) => `Needed first: ${what}.`,
    noRunner: "No runner is online yet; the build waits for one.",
    notStarted: (reason: string) => `The project is there, but its build did not start: ${reason}`,
  },
  checks: {
    title: "This machine",
    live: "Checked all the time while this page is open.",
    looking: "The runner is looking what this machine has…",
    none: "No runner is here to look. Start the daemon with its own runner, or add one.",
    addRunner: "Add a runner",
    status: { ok: "OK", warning: "Warning", missing: "Missing" },
    notNeeded: "not needed for this target",
    problems: (count: number) =>
      count === 0
        ? "Everything this target needs is here."
        : count === 1
          ? "One thing is missing."
          : `${count} things are missing.`,
  },
  elsewhere: "You are on another machine: apps are only looked for on the machine itself.",
  remote: "This instance is for a team: connect a code host and choose one of its repositories.",
  newProject: "New project",
});
