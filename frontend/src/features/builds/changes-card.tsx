/**
 * The commits that came in since the last build that passed. The code host is asked for them, so only when somebody looks; where it
 * does not answer this card alone says so.
 */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Build, BuildChanges } from "@/api/types";
import { Button, Icon, QueryView, SkeletonRows } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { useSeen } from "@/lib/seen";
import { buildPage } from "@/messages/en/build-page";
import { BuildLink } from "./failing-since";
import { hasFailed } from "./failure-card";
import { Sha } from "./sha";

const words = buildPage.changes;
/** So many are shown at once. */
const FEW = 10;
const FRESH_MS = 300_000;

const changesQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("changes", id),
    queryFn: ({ signal }) => rt.api.get("/v1/builds/{build_id}/changes", { path: { build_id: id }, signal }),
    staleTime: FRESH_MS,
  });

export function ChangesCard({ build }: { build: Build }) {
  const [isOpen, setOpen] = useState(hasFailed(build));
  const [part, isSeen] = useSeen<HTMLDetailsElement>();
  return (
    <details ref={part} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="target inline-flex cursor-pointer items-center gap-1.5">
        <Icon name="chevron" className={`size-4 text-ink-3 ${isOpen ? "rotate-90" : ""}`} />
        <h2 className="text-lg font-semibold">{words.title}</h2>
      </summary>
      <div className="mt-2">{isOpen && isSeen && <Changes build={build} />}</div>
    </details>
  );
}

function Changes({ build }: { build: Build }) {
  const query = useQuery(changesQuery(useRuntime(), build.id));
  return (
    <QueryView query={query} name={words.name} skeleton={<SkeletonRows rows={3} />}>
      {(changes) => <Found build={build} changes={changes} />}
    </QueryView>
  );
}

function Found({ build, changes: { since, commits, truncated } }: { build: Build; changes: BuildChanges }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? commits : commits.slice(0, FEW);
  return (
    <div className="flex flex-col gap-2">
      <p className="text-ink-2">
        {since ? (
          <>
            {commits.length > 0 ? words.since : words.same} <BuildLink build={since} />
          </>
        ) : (
          words.noneBefore
        )}
      </p>
      {commits.length > 0 && (
        <ol aria-label={words.title} className="card divide-y divide-line">
          {shown.map(({ sha, subject, author }) => (
            <li key={sha} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
              <span className="min-w-0 grow basis-64 wrap-anywhere">{subject}</span>
              <span className="text-sm text-ink-2">{author}</span>
              <Sha build={build} sha={sha} />
            </li>
          ))}
        </ol>
      )}
      {shown.length < commits.length && (
        <Button className="self-start" onClick={() => setWhole(true)}>
          {words.all(commits.length)}
        </Button>
      )}
      {truncated && shown.length === commits.length && <p className="text-sm text-ink-2">{words.more}</p>}
    </div>
  );
}
