/** Releases before the one to test now, page after page as far as somebody looks. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ProjectReleases, Release } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { Button, QueryView } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { releases as words } from "@/messages/en/releases";
import { projectReleasesQuery } from "./queries";
import { ReleaseRow } from "./release-row";

type Props = {
  projectId: string;
  releases: readonly Release[];
  /** Where the next page begins. */
  next: ProjectReleases["next_cursor"];
};

export function Earlier({ projectId, releases, next }: Props) {
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      {releases.length > 0 && (
        <ul aria-label={words.earlier} className="card divide-y divide-line overflow-hidden">
          {releases.map((release) => (
            <ReleaseRow
              key={release.build.id}
              release={release}
              name={subjectOf(release.build)}
              to={{
                to: "/releases/$projectId/$buildId",
                params: { projectId, buildId: release.build.id },
              }}
            />
          ))}
        </ul>
      )}
      {next && !isAsked && (
        <div>
          <Button onClick={() => setAsked(true)}>{words.more}</Button>
        </div>
      )}
      {next && isAsked && <NextPage projectId={projectId} cursor={next} />}
    </>
  );
}

function NextPage({ projectId, cursor }: { projectId: string; cursor: string }) {
  const query = useQuery(projectReleasesQuery(useRuntime(), projectId, cursor));
  return (
    <QueryView query={query} name={words.name}>
      {({ releases, next_cursor }) => (
        <Earlier projectId={projectId} releases={releases} next={next_cursor} />
      )}
    </QueryView>
  );
}
