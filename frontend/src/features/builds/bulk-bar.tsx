/**
 * What can be done with several builds at once: cancel, run again, compare two. Loaded with the first ticked row. Each build
 * is asked for alone; what the server refuses is said, the rest stays done.
 */
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Build } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { Button, ButtonLink, IconButton, isActive } from "@/components/ui";
import { type ProjectAction, projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { bulk as words } from "@/messages/en/bulk";
import { useBulk } from "./bulk";
import { CancelDialog } from "./cancel-dialog";
import type { Selection } from "./selection";

type Props = { selection: Selection; shown: readonly Build[] };

export default function BulkBar({ selection, shown }: Props) {
  const { builds } = selection;
  const runtime = useRuntime();
  const projectIds = [...new Set(builds.map(({ project_id }) => project_id))];
  const projects = useQueries({ queries: projectIds.map((id) => projectQuery(runtime, id)) });
  const areKnown = projects.every(({ data }) => data !== undefined);
  const [asking, setAsking] = useState<readonly Build[] | null>(null);
  const clear = () => selection.set([]);
  // When the last answer is there, somebody may have gone on to other rows.
  const letGo = () => selection.drop(builds);
  const { cancel, rerun, pending } = useBulk();
  useEscape(clear);
  const isReading = projects.some(({ isPending }) => isPending);
  const allowed = (build: Build, action: ProjectAction) =>
    !isReading && projectAllows(projects[projectIds.indexOf(build.project_id)]?.data?.project, action);
  function whyNot(fitting: readonly Build[], may: readonly Build[], none: string): string | null {
    if (may.length > 0) return null;
    if (fitting.length === 0) return none;
    return areKnown ? words.denied : words.notKnown;
  }
  const active = builds.filter(({ status }) => isActive(status));
  const ended = builds.filter(({ status }) => !isActive(status));
  const toCancel = active.filter((build) => allowed(build, "cancel_build"));
  const toRerun = ended.filter((build) => allowed(build, "trigger_build"));
  const [one, other] = builds.toSorted(
    (a, b) => a.created_at - b.created_at || a.build_number - b.build_number,
  );
  return (
    <section
      aria-label={words.label}
      className="rise card sticky bottom-20 z-20 mx-auto flex max-w-full flex-wrap items-center gap-2 px-3 py-2 shadow-pop md:bottom-4"
    >
      <span role="status" className="tabular me-2 font-medium">
        {words.selected(builds.length)}
      </span>
      {builds.length < shown.length && (
        <Button variant="ghost" onClick={() => selection.set(shown)}>
          {words.all(shown.length)}
        </Button>
      )}
      <Button
        icon="stop"
        pending={pending === "cancel"}
        disabledReason={whyNot(active, toCancel, words.noneActive)}
        onClick={() => (toCancel.length > 1 ? setAsking(toCancel) : void cancel(toCancel).then(letGo))}
      >
        {words.cancel(toCancel.length)}
      </Button>
      <Button
        icon="rerun"
        pending={pending === "rerun"}
        disabledReason={whyNot(ended, toRerun, words.noneEnded)}
        onClick={() => void rerun(toRerun).then(letGo)}
      >
        {words.rerun(toRerun.length)}
      </Button>
      {one && other && builds.length === 2 && (
        <ButtonLink
          to="/builds/$buildId/compare/$otherId"
          params={{ buildId: one.id, otherId: other.id }}
          icon="branch"
        >
          {words.compare}
        </ButtonLink>
      )}
      <IconButton icon="close" label={words.clear} onClick={clear} />
      {asking && (
        <CancelDialog
          builds={asking}
          nameOf={subjectOf}
          pending={pending === "cancel"}
          onConfirm={() => void cancel(asking).then(letGo)}
          onClose={() => setAsking(null)}
        />
      )}
    </section>
  );
}

function useEscape(act: () => void): void {
  useEffect(() => {
    function press(event: KeyboardEvent) {
      const isElsewhere =
        event.target instanceof Element && event.target.closest("[role=dialog], [role=menu]");
      if (event.key === "Escape" && !event.defaultPrevented && !isElsewhere) act();
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
