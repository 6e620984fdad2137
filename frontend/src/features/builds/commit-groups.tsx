/** The builds of a page of the list under the commits that they are of, in the list's order. Nothing is fetched: a commit's builds on other pages are not here. */
import { type ReactNode, useId } from "react";
import type { Build } from "@/api/types";
import { BuildList, subjectOf } from "@/components/builds";
import { shortSha } from "@/lib/format";
import { viewWords } from "@/messages/en/build-views";
import type { Selection } from "./selection";

type Props = {
  builds: readonly Build[];
  ticks: Pick<Selection, "has" | "toggle">;
  actions: (build: Build) => ReactNode;
};

export default function CommitGroups({ builds, ticks, actions }: Props) {
  return (
    <div className="flex flex-col gap-5">
      {byCommit(builds).map(([key, members]) => (
        <Commit key={key} builds={members} ticks={ticks} actions={actions} />
      ))}
    </div>
  );
}

function Commit({ builds, ticks, actions }: Props) {
  const id = useId();
  const [first] = builds;
  if (!first) return null;
  const subject = subjectOf(first);
  return (
    <section aria-labelledby={id} className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id={id} className="min-w-0 font-semibold">
          {subject}
        </h2>
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-2">
          {first.commit_sha && <code className="font-mono">{shortSha(first.commit_sha)}</code>}
          {first.commit_author && <span>{first.commit_author}</span>}
          <span>{viewWords.commits.count(builds.length)}</span>
        </p>
      </div>
      <BuildList
        builds={builds}
        label={viewWords.commits.name(subject)}
        name="pipeline"
        ticks={ticks}
        actions={actions}
      />
    </section>
  );
}

function byCommit(builds: readonly Build[]): [string, Build[]][] {
  const groups = new Map<string, Build[]>();
  for (const build of builds) {
    const key = build.commit_sha ? `${build.project_id} ${build.commit_sha}` : build.id;
    const known = groups.get(key);
    if (known) known.push(build);
    else groups.set(key, [build]);
  }
  return [...groups];
}
