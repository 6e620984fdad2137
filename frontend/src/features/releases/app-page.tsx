/** The releases of one app, by themselves; a project's tab shows the same. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/shell";
import { ButtonLink, GoneState, QueryView } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { releases as words } from "@/messages/en/releases";
import { ReleasesView } from "./releases-view";

export function AppPage({ projectId }: { projectId: string }) {
  const query = useQuery(projectQuery(useRuntime(), projectId));
  const gone = <GoneState name={words.app} actions={<ButtonLink to="/releases">{words.title}</ButtonLink>} />;
  return (
    <Page
      title={query.data?.project.name ?? t.projects.one}
      parents={[{ label: words.title, to: { to: "/releases" } }]}
    >
      <QueryView query={query} name={words.app} gone={gone}>
        {({ project }) => <ReleasesView project={project} />}
      </QueryView>
    </Page>
  );
}
