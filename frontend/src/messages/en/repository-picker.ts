/** Words of choosing a repository for a new project. */
import { area } from "../language";

export const repositoryPicker = area("repositoryPicker", {
  title: "Repositories",
  name: "repositories",
  search: "Search repositories",
  placeholder: "Owner or name",
  pick: "Choose",
  pickOf: (name: string) => `Choose ${name}`,
  private: "Private",
  more: (shown: string, total: string) => `${shown} of ${total}. Search to see others.`,
  none: "No repository is connected yet",
  noneText: "Connect GitHub or GitLab; its repositories are listed here then.",
  ask: "An owner or admin of this instance can do that.",
  connect: "Connect a source",
});
