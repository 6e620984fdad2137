/** One release, for who was sent its address or looks for an earlier one. */
import { useQuery } from "@tanstack/react-query";
import type { Build } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { Page } from "@/components/shell";
import { Banner, ButtonLink, GoneState, QueryView, StatusBadge, TimeAgo } from "@/components/ui";
import { artifactsQuery, buildQuery } from "@/lib/build-queries";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { releases as words } from "@/messages/en/releases";
import { ReleaseCard } from "./release-card";
import { StickyInstall } from "./sticky-install";

type Props = { projectId: string; buildId: string };

export function ReleasePage({ projectId, buildId }: Props) {
  const query = useQuery(buildQuery(useRuntime(), buildId));
  const build = query.data?.build.project_id === projectId ? query.data.build : undefined;
  const toApp = { to: "/releases/$projectId", params: { projectId } } as const;
  const gone = <GoneState name={words.one} actions={<ButtonLink {...toApp}>{words.all}</ButtonLink>} />;
  return (
    <Page
      title={build ? subjectOf(build) : words.release}
      parents={[
        { label: words.title, to: { to: "/releases" } },
        { label: build?.context?.project_name ?? t.projects.one, to: toApp },
      ]}
      crumb={build && t.builds.number(build.build_number)}
    >
      <QueryView query={query} name={words.one} gone={gone}>
        {() => (build ? <Content build={build} /> : gone)}
      </QueryView>
    </Page>
  );
}

function Content({ build }: { build: Build }) {
  const runtime = useRuntime();
  const project = useQuery(projectQuery(runtime, build.project_id)).data?.project;
  const query = useQuery(artifactsQuery(runtime, build.id));
  return (
    <>
      {build.status !== "succeeded" && (
        <Banner tone="warning" title={words.notPassed}>
          <StatusBadge status={build.status} />
        </Banner>
      )}
      {build.artifacts_removed_at && (
        <Banner tone="info" title={words.removed}>
          <TimeAgo at={build.artifacts_removed_at} />
        </Banner>
      )}
      <QueryView query={query} name={words.filesName}>
        {({ artifacts }) => (
          <>
            <StickyInstall artifacts={artifacts} />
            <ReleaseCard
              build={build}
              artifacts={artifacts}
              changes={ownChange(build)}
              level={2}
              links={projectAllows(project, "write_artifacts") ? "allowed" : "denied"}
            />
          </>
        )}
      </QueryView>
    </>
  );
}

/** What else changed only the list of releases knows. */
function ownChange({ commit_sha, commit_subject, commit_author }: Build) {
  return commit_sha ? [{ commit_sha, commit_subject, commit_author }] : [];
}
