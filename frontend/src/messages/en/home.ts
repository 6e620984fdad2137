/** Words of the home page. */
import { area } from "../language";

export const home = area("home", {
  title: "Home",
  active: "Running and queued",
  noActive: "Nothing is running or queued.",
  recent: "Recent builds",
  allBuilds: "All builds",
  projects: "Projects",
  allProjects: "All projects",
  firstTitle: "Get to your first build",
  firstText: {
    local: "Three steps, all on this machine.",
    remote: "Four steps from a code host to a build.",
  },
  steps: {
    project: "Add a project",
    source: "Connect a source",
    sourceText: "GitHub or GitLab, so that a push starts a build.",
    connect: "Connect a source",
    projectText: {
      local: "Choose a folder on this machine that is a git repository.",
      remote: "Choose one of the repositories that are connected.",
    },
    pipeline: "Add a pipeline",
    pipelineText: "It says what to build. An .oore.yaml in the repository is found by itself.",
    build: "Run a build",
    buildText: "Watch its log live and download what it made.",
  },
  done: "done",
  todo: "to do",
  tools: {
    flutterTitle: "Flutter is missing on every online runner",
    flutterText:
      "Builds that need Flutter will fail until FVM or Flutter is installed where the runner runs.",
    fvmTitle: "FVM is missing on every online runner",
    fvmText: "Builds use the Flutter on the path. FVM lets each project pin its own version.",
    noRunnerTitle: "No runner is online",
    noRunnerText: "Builds wait in the queue until one is.",
    installFvm: "Install FVM, then restart the runner:",
    fvmCommand: "dart pub global activate fvm",
    brewCommand: "brew tap leoafarias/fvm && brew install fvm",
  },
});
