/** Variables and secrets, as the pages of projects and pipelines show them. */
export { type Scope, variablesQuery } from "./scope";
export { VariablesSection } from "./variables-section";
