/** One project in a list. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Project } from "@/api/types";
import { Icon, TimeAgo } from "@/components/ui";
import { t } from "@/messages";
import { PinButton } from "./pin-button";

/** `children` say how it goes: below the name, or where there is room beside it. */
export function ProjectRow({ project, children }: { project: Project; children: ReactNode }) {
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-2 py-2.5 ps-4 pe-2 hover:bg-canvas @5xl:grid-cols-[minmax(0,1fr)_auto_8rem]">
      <div className="flex min-w-0 items-center gap-3">
        <Icon name="project" className="size-5 text-ink-3" />
        <div className="min-w-0">
          <Link
            to="/projects/$projectId"
            params={{ projectId: project.id }}
            data-row=""
            className="tap font-medium break-words after:absolute after:inset-0 hover:underline"
          >
            {project.name}
          </Link>
          <p className="truncate text-sm text-ink-3">
            {project.repository_full_name ?? project.description ?? t.projects.noRepository}
          </p>
        </div>
      </div>
      <div className="flex items-center justify-end gap-2 @5xl:col-start-3 @5xl:row-start-1">
        <TimeAgo at={project.updated_at} className="text-sm text-ink-3" />
        <PinButton project={project} />
      </div>
      {children}
    </li>
  );
}
