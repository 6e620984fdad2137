/** Words of projects: list, overview, settings. */
import { area } from "../language";

export const projects = area("projects", {
  title: "Projects",
  one: "project",
  add: "New project",
  search: "Search projects",
  searchPlaceholder: "Name or description",
  sort: "Sort by",
  sorts: { "updated_at:desc": "Last changed", "name:asc": "Name", "created_at:desc": "Newest" },
  emptyTitle: "No projects yet",
  emptyText: {
    local:
      "A project is one repository with its pipelines and builds. Start with a git folder on this machine.",
    remote:
      "A project is one repository with its pipelines and builds. Start with one of a connected code host.",
  },
  emptyReadOnly: "No project is shared with you yet. Ask an owner or admin to add you to one.",
  branch: "Default branch",
  repository: "Repository",
  noRepository: "No repository linked",
  updated: "Changed",
  pins: {
    list: "Pinned projects",
    pin: (name: string) => `Pin ${name}`,
    unpin: (name: string) => `Unpin ${name}`,
    full: (most: number) => `At most ${most} projects can be pinned. Unpin one first.`,
  },
  tabs: {
    overview: "Overview",
    builds: "Builds",
    variables: "Variables",
    members: "Members",
    settings: "Settings",
  },
  overview: {
    pipelines: "Pipelines",
    recent: "Recent builds",
    allBuilds: "All builds",
    noPipelines: "No pipelines yet",
    noPipelinesText: "A pipeline says what to build: platforms, commands, artifacts.",
    noPipelinesReadOnly: "Nobody has added a pipeline yet.",
    never: "Never run",
    disabled: "Disabled",
    noBuildsText: "Run a pipeline to see its build here.",
    run: "Run",
    runPipeline: (name: string) => `Run ${name}`,
  },
  settings: {
    general: "General",
    name: "Name",
    description: "Description",
    branch: "Default branch",
    forks: "Pull and merge requests of forks",
    forkBuilds: {
      blocked: "Never build them",
      approval: "Build a commit once somebody has approved it",
    },
    forksHelp:
      "An approved commit is built without secrets and caches are not saved, but its commands run on your runner: they can read what the runner's user can.",
    saved: "Project saved",
    danger: "Delete project",
    dangerText: "Deletes the project with everything in it. The repository itself is not touched.",
    deleteTitle: (name: string) => `Delete ${name}?`,
    consequences: (pipelines: string, builds: string) => [
      `${pipelines} with their settings`,
      `${builds} with their logs and artifacts`,
      "Links to them stop working",
    ],
    pipelineCount: (count: string, one: boolean) => (one ? `${count} pipeline` : `${count} pipelines`),
    buildCount: (count: string, one: boolean) => (one ? `${count} build` : `${count} builds`),
    willGo: "This goes away for good:",
    typeName: (name: string) => `Type ${name} to confirm`,
    confirm: "Delete project",
    deleted: (name: string) => `Project ${name} deleted`,
    activeBuilds: "Builds are still queued or running. Cancel them first.",
  },
});
