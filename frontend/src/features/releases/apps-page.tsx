/** The apps that have releases, each with its newest one: the home of who only tests. */
import { useQuery } from "@tanstack/react-query";
import { subjectOf } from "@/components/builds";
import { Page } from "@/components/shell";
import { ButtonLink, EmptyState, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { useRowKeys } from "@/lib/row-keys";
import { t } from "@/messages";
import { releases as words } from "@/messages/en/releases";
import { releasesQuery } from "./queries";
import { ReleaseRow } from "./release-row";

export function AppsPage() {
  const can = useCan();
  const query = useQuery(releasesQuery(useRuntime()));
  useRowKeys();
  return (
    <Page title={words.title}>
      <QueryView query={query} name={words.name}>
        {({ releases }) =>
          releases.length > 0 ? (
            <ul aria-label={words.apps} className="card divide-y divide-line overflow-hidden">
              {releases.map((release) => (
                <ReleaseRow
                  key={release.build.project_id}
                  release={release}
                  name={release.build.context?.project_name ?? t.projects.one}
                  detail={subjectOf(release.build)}
                  to={{ to: "/releases/$projectId", params: { projectId: release.build.project_id } }}
                />
              ))}
            </ul>
          ) : (
            <EmptyState
              icon="artifact"
              title={words.none}
              actions={can("builds.write") && <ButtonLink to="/projects">{t.projects.title}</ButtonLink>}
            >
              <p>{words.emptyText}</p>
            </EmptyState>
          )
        }
      </QueryView>
    </Page>
  );
}
