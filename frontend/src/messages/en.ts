/** The English catalogue: one file an area, put together here. It must hold words only, no markup. */
import { artifacts } from "./en/artifacts";
import { builds } from "./en/builds";
import { common } from "./en/common";
import { home } from "./en/home";
import { logs } from "./en/logs";
import { pipelines } from "./en/pipelines";
import { projects } from "./en/projects";
import { runners } from "./en/runners";
import { shell } from "./en/shell";

export const en = { ...common, artifacts, builds, home, logs, pipelines, projects, runners, shell };
