/**
 * The language of the page. public/early.js has decided on it before the app started; another choice takes effect with a reload.
 * Areas of the catalogue are written in English, and `area` gives each in the page's language. It must not know any words.
 */

/** Every area, so that each language has to have each of them. */
export type Area =
  | "accessSwitch"
  | "access"
  | "account"
  | "approval"
  | "artifactDeletion"
  | "artifacts"
  | "audit"
  | "buildDetails"
  | "buildPage"
  | "viewWords"
  | "filterWords"
  | "listWords"
  | "builds"
  | "bulk"
  | "common"
  | "compareWords"
  | "connect"
  | "daemonMessages"
  | "deliveries"
  | "detection"
  | "home"
  | "incidents"
  | "instances"
  | "keys"
  | "logParts"
  | "logs"
  | "matrixWords"
  | "members"
  | "next"
  | "palette"
  | "paused"
  | "people"
  | "pinned"
  | "pipelineDetail"
  | "pipelineEditor"
  | "pipelineForm"
  | "pipelinePlan"
  | "pipelineReview"
  | "pipelineSource"
  | "pipelineTemplates"
  | "pipelineYaml"
  | "pipelines"
  | "projectForm"
  | "projects"
  | "healthWords"
  | "pushes"
  | "reauth"
  | "refusals"
  | "releases"
  | "reporting"
  | "repositoryPicker"
  | "roles"
  | "rerunWords"
  | "runWords"
  | "runPicker"
  | "runnerPages"
  | "runners"
  | "sessions"
  | "settings"
  | "setup"
  | "shell"
  | "signIn"
  | "sourceCredential"
  | "sourceDialogs"
  | "sourceNames"
  | "source"
  | "sources"
  | "tests"
  | "tokens"
  | "triggers"
  | "variables"
  | "general"
  | "settingsTexts"
  | "storage"
  | "retention"
  | "system"
  | "notifications"
  | "share"
  | "insights"
  | "start"
  | "secret"
  | "accessForms"
  | "sourceTrouble";

export type Catalogue = Record<Area, object>;

declare global {
  /** What another language than English says; without it the page is English. */
  var ooreWords: Catalogue | undefined;
}

const language = document.documentElement.lang || "en";

/** For Intl: the language as the browser's owner writes it, such as de-AT. */
export const locale = navigator.languages?.find((tag) => tag.split("-")[0] === language) ?? language;

export function area<T extends object>(name: Area, english: T): T {
  // That it has the same shape is checked where it is written.
  return (globalThis.ooreWords?.[name] as T | undefined) ?? english;
}
