/** One project in a list. */
import { Link } from "@tanstack/react-router";
import type { Project } from "@/api/types";
import { Icon, TimeAgo } from "@/components/ui";
import { t } from "@/messages";
import { PinButton } from "./pin-button";

export function ProjectRow({ project }: { project: Project }) {
  return (
    <li className="relative flex items-center gap-3 ps-4 py-2.5 pe-2 hover:bg-canvas">
      <Icon name="project" className="size-5 text-ink-3" />
      <div className="min-w-0 grow compact:md:flex compact:md:items-baseline compact:md:gap-x-3">
        <Link
          to="/projects/$projectId"
          params={{ projectId: project.id }}
          data-row=""
          className="tap font-medium after:absolute after:inset-0 hover:underline"
        >
          {project.name}
        </Link>
        <p className="truncate text-sm text-ink-3">
          {project.repository_full_name ?? project.description ?? t.projects.noRepository}
        </p>
      </div>
      {project.default_branch && (
        <span className="hidden shrink-0 items-center gap-1 text-sm text-ink-2 sm:inline-flex lg:hidden xl:inline-flex">
          <Icon name="branch" className="size-3.5" />
          {project.default_branch}
        </span>
      )}
      <TimeAgo at={project.updated_at} className="shrink-0 text-sm text-ink-3" />
      <PinButton project={project} />
    </li>
  );
}
