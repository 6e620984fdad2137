/** Words of the views of the build list, loaded with it. */
import { area } from "../language";

export const viewWords = area("viewWords", {
  title: "Views",
  menu: (current: string) => `Views: ${current}`,
  unsaved: "not saved",
  given: "Views",
  own: "My views in this browser",
  change: "Change",
  all: "All builds",
  active: "Waiting and running",
  failed: "Failed",
  byCommit: "Group by commit",
  save: "Save this view…",
  nothingToSave: "It has a name already.",
  remove: (name: string) => `Remove “${name}”`,
  removed: (name: string) => `View “${name}” removed`,
  saveTitle: "Save this view",
  saveText: "The filters and the order in use get a name. Views are kept in this browser, for you.",
  name: "Name",
  taken: "Every list has a view of this name.",
  commits: {
    name: (subject: string) => `Builds of “${subject}”`,
    count: (count: number) => (count === 1 ? "1 build" : `${count} builds`),
  },
});
