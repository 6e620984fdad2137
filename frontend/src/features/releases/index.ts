/** The pages of releases, which share nearly everything: one chunk for all of them. */
export { AppPage } from "./app-page";
export { AppsPage } from "./apps-page";
export { ReleasePage } from "./release-page";
export { ReleasesView } from "./releases-view";
