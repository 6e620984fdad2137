/** The frame of a project's pages: title, breadcrumb, tabs, and the states of loading the project. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProjectDetail } from "@/api/types";
import { Page } from "@/components/shell";
import { ButtonLink, GoneState, QueryView, TAB_LINK, Tabs } from "@/components/ui";
import { projectAllows, useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";

type Props = { projectId: string; actions?: ReactNode; children: (detail: ProjectDetail) => ReactNode };

export function ProjectFrame({ projectId, actions, children }: Props) {
  const query = useQuery(projectQuery(useRuntime(), projectId));
  const project = query.data?.project;
  const gone = (
    <GoneState name={t.projects.one} actions={<ButtonLink to="/projects">{t.projects.title}</ButtonLink>} />
  );
  return (
    <Page
      title={project?.name ?? t.projects.one}
      parents={[{ label: t.projects.title, to: { to: "/projects" } }]}
      actions={actions}
    >
      <QueryView query={query} name={t.projects.one} gone={gone}>
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
  const params = { projectId: project.id };
  const mayChange = projectAllows(project, "write") || projectAllows(project, "delete");
  const maySeeFigures = useCan()("builds.write");
  const exact = { exact: true, includeSearch: false };
  return (
    <Tabs label={project.name}>
      <li>
        <Link to="/projects/$projectId" params={params} activeOptions={exact} className={TAB_LINK}>
          {t.projects.tabs.overview}
        </Link>
      </li>
      <li>
        <Link to="/projects/$projectId/builds" params={params} activeOptions={exact} className={TAB_LINK}>
          {t.projects.tabs.builds}
        </Link>
      </li>
      <li>
        <Link to="/projects/$projectId/releases" params={params} activeOptions={exact} className={TAB_LINK}>
          {t.shell.releases}
        </Link>
      </li>
      {maySeeFigures && (
        <li>
          <Link to="/projects/$projectId/insights" params={params} activeOptions={exact} className={TAB_LINK}>
            {t.shell.insights}
          </Link>
        </li>
      )}
      <li>
        <Link to="/projects/$projectId/variables" params={params} activeOptions={exact} className={TAB_LINK}>
          {t.projects.tabs.variables}
        </Link>
      </li>
      <li>
        <Link to="/projects/$projectId/members" params={params} activeOptions={exact} className={TAB_LINK}>
          {t.projects.tabs.members}
        </Link>
      </li>
      {mayChange && (
        <li>
          <Link to="/projects/$projectId/settings" params={params} activeOptions={exact} className={TAB_LINK}>
            {t.projects.tabs.settings}
          </Link>
        </li>
      )}
    </Tabs>
  );
}
