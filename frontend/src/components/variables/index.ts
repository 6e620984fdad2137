/** Variables and secrets, as the pages of projects and pipelines show them. */
export { VariablesSection } from "./variables-section";
