/** The breadcrumb of pipeline pages. */
import type { Crumb } from "@/components/shell";
import { t } from "@/messages";

export function parentsOf(projectId: string, projectName: string | undefined): Crumb[] {
  return [
    { label: t.projects.title, to: { to: "/projects" } },
    { label: projectName ?? t.projects.one, to: { to: "/projects/$projectId", params: { projectId } } },
  ];
}
