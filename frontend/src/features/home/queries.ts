/** The lists that home shows. */
import type { Runtime } from "@/lib/instances/runtime";
import { buildsQuery, projectsQuery } from "@/lib/queries";

const RECENT = 20;
const PROJECTS = 6;

export const homeBuildsQuery = (rt: Runtime) => buildsQuery(rt, { limit: RECENT });
export const homeProjectsQuery = (rt: Runtime) =>
  projectsQuery(rt, { limit: PROJECTS, sort: "updated_at", direction: "desc" });
