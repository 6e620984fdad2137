/** Projects as home shows them: pinned ones first, each with the bars of its last builds, how many pass and how long they take. */
import { Link } from "@tanstack/react-router";
import type { HomeProject } from "@/api/types";
import { HealthFigures } from "@/components/projects/health-figures";
import { PinButton } from "@/components/projects/pin-button";
import { Sparkbar } from "@/components/projects/sparkbar";
import { t } from "@/messages";

export function Projects({ projects }: { projects: readonly HomeProject[] }) {
  return (
    <ul aria-label={t.home.projects} className="card divide-y divide-line">
      {projects.map((project) => (
        <li key={project.id} className="relative flex flex-col gap-1.5 py-2.5 ps-4 pe-2 hover:bg-sunken">
          <div className="flex items-center gap-2">
            <div className="min-w-0 grow">
              <Link
                to="/projects/$projectId"
                params={{ projectId: project.id }}
                data-row=""
                className="tap font-medium break-words after:absolute after:inset-0 hover:underline"
              >
                {project.name}
              </Link>
              <p className="truncate text-sm text-ink-3">
                {project.repository_full_name ?? t.projects.noRepository}
              </p>
            </div>
            <PinButton project={project} />
          </div>
          <div className="flex flex-wrap items-end justify-between gap-x-3 gap-y-1 pe-2">
            <Sparkbar builds={project.builds} branch={project.default_branch ?? ""} />
            <HealthFigures health={project} />
          </div>
        </li>
      ))}
    </ul>
  );
}
