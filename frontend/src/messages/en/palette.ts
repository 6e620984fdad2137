/** Words of the palette, loaded with it. */
import { area } from "../language";

export const palette = area("palette", {
  title: "Search and commands",
  placeholder: "Go to, search builds, projects, people, or do something here",
  results: "Results",
  groups: {
    here: "On this page",
    go: "Go to",
    appearance: "Appearance",
    projects: "Projects",
    builds: "Builds",
    people: "People",
  },
  count: (count: number) => (count === 1 ? "1 result" : `${count} results`),
  searching: "Searching…",
  nothing: (text: string) => `Nothing found for “${text}”`,
  failed: (reason: string) => `The search failed: ${reason}`,
  newProject: "New project",
  addRunner: "Add a runner",
  connectSource: "Connect a source",
  theme: (name: string) => `Theme: ${name}`,
  hints: "↑ ↓ to choose, Enter to open, Esc to close",
});
