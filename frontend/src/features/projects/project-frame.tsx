/** The frame of a project's pages: title, breadcrumb, tabs, and the states of loading the project. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProjectDetail } from "@/api/types";
import { PinButton } from "@/components/projects/pin-button";
import { ProjectGone } from "@/components/projects/project-gone";
import { type Crumb, Page } from "@/components/shell";
import { QueryView, TAB_LINK, Tabs } from "@/components/ui";
import { projectAllows, useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";

const TABS = [
  { name: "overview", to: "/projects/$projectId" },
  { name: "builds", to: "/projects/$projectId/builds" },
  { name: "releases", to: "/projects/$projectId/releases" },
  { name: "insights", to: "/projects/$projectId/insights" },
  { name: "variables", to: "/projects/$projectId/variables" },
  { name: "members", to: "/projects/$projectId/members" },
  { name: "settings", to: "/projects/$projectId/settings" },
] as const;

const LABELS = { ...t.projects.tabs, releases: t.shell.releases, insights: t.shell.insights };

type Props = {
  projectId: string;
  /** The page that is shown, as its tab is called. */
  tab: (typeof TABS)[number]["name"];
  children: (detail: ProjectDetail) => ReactNode;
};

export function ProjectFrame({ projectId, tab, children }: Props) {
  const query = useQuery(projectQuery(useRuntime(), projectId));
  const project = query.data?.project;
  const name = project?.name ?? t.projects.one;
  const list: Crumb = { label: t.projects.title, to: { to: "/projects" } };
  const overview: Crumb = { label: name, to: { to: "/projects/$projectId", params: { projectId } } };
  const isOverview = tab === "overview";
  return (
    <Page
      title={name}
      parents={isOverview ? [list] : [list, overview]}
      crumb={isOverview ? name : LABELS[tab]}
      actions={project && <PinButton project={project} />}
    >
      <QueryView query={query} name={t.projects.one} gone={<ProjectGone projectId={projectId} />}>
        {(detail) => (
          <div>
            <ProjectTabs detail={detail} />
            {children(detail)}
          </div>
        )}
      </QueryView>
    </Page>
  );
}

function ProjectTabs({ detail: { project } }: { detail: ProjectDetail }) {
  const mayChange = projectAllows(project, "write") || projectAllows(project, "delete");
  const maySeeFigures = useCan()("builds.write");
  const tabs = TABS.filter(
    ({ name }) => (name !== "settings" || mayChange) && (name !== "insights" || maySeeFigures),
  );
  return (
    <Tabs label={project.name}>
      {tabs.map(({ name, to }) => (
        <li key={name}>
          <Link
            to={to}
            params={{ projectId: project.id }}
            activeOptions={{ exact: true, includeSearch: false }}
            className={TAB_LINK}
          >
            {LABELS[name]}
          </Link>
        </li>
      ))}
    </Tabs>
  );
}
