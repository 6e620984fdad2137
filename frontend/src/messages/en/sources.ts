/** Words of the list of sources. */
import { area } from "../language";

export const sources = area("sources", {
  name: "sources",
  search: "Search sources",
  searchPlaceholder: "Name or address",
  provider: "Kind",
  anyProvider: "Any",
  emptyTitle: "No code host is connected yet",
  emptyText:
    "Connect GitHub or GitLab to build its repositories. A push then starts the right build, and the commit shows the result.",
  emptyReadOnly: "An owner or admin of this instance can connect one.",
  synced: "Read",
  neverSynced: "Never read",
  installedTitle: "GitHub has installed the app",
  installedText: "Open its source and read the repositories, so that they can be built.",
  broken: "The code host does not accept its credential.",
});
