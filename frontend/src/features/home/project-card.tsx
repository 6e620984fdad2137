/** Projects as home shows them: pinned ones first, each with the bars of its last builds, how many pass and how long they take. */
import { Link } from "@tanstack/react-router";
import type { HomeProject } from "@/api/types";
import { PinButton } from "@/components/projects/pin-button";
import { formatDuration, formatNumber } from "@/lib/format";
import { t } from "@/messages";
import { Sparkbar } from "./sparkbar";

const words = t.home.project;

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
            <Figures project={project} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Figures({ project: { success_rate, run } }: { project: HomeProject }) {
  const facts = [
    typeof success_rate === "number" && words.passed(formatNumber(success_rate)),
    typeof run.p50_ms === "number" && words.usual(formatDuration(run.p50_ms)),
  ].filter(Boolean);
  return <p className="tabular text-sm text-ink-2">{facts.join(" · ")}</p>;
}
