/**
 * What can be done with several builds at once: cancel, run again, compare two. Loaded with the first ticked row. Each build
 * is asked for alone; what the server refuses is said, the rest stays done.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Build } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { Button, ButtonLink, ConfirmDialog, IconButton, isActive } from "@/components/ui";
import { type ProjectAction, projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectsQuery } from "@/lib/queries";
import { t } from "@/messages";
import { bulk as words } from "@/messages/en/bulk";
import { useBulk } from "./bulk";
import type { Selection } from "./selection";

/** So many are named before something happens to them. */
const NAMED = 5;

type Props = { selection: Selection; shown: readonly Build[] };

export default function BulkBar({ selection, shown }: Props) {
  const { builds } = selection;
  const runtime = useRuntime();
  const { data } = useQuery(projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }));
  const [asking, setAsking] = useState(false);
  const clear = () => selection.set([]);
  const { cancel, rerun, pending } = useBulk(clear);
  useEscape(clear);
  const allowed = (build: Build, action: ProjectAction) =>
    projectAllows(
      data?.projects.find(({ id }) => id === build.project_id),
      action,
    );
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
        onClick={() => (toCancel.length > 1 ? setAsking(true) : void cancel(toCancel))}
      >
        {words.cancel(toCancel.length)}
      </Button>
      <Button
        icon="rerun"
        pending={pending === "rerun"}
        disabledReason={whyNot(ended, toRerun, words.noneEnded)}
        onClick={() => void rerun(toRerun)}
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
        <ConfirmDialog
          title={words.cancelTitle(toCancel.length)}
          intro={words.cancelIntro}
          consequences={named(toCancel)}
          confirmLabel={words.cancel(toCancel.length)}
          pending={pending === "cancel"}
          onConfirm={() => void cancel(toCancel).then(() => setAsking(false))}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function whyNot(fitting: readonly Build[], allowed: readonly Build[], none: string): string | null {
  if (allowed.length > 0) return null;
  return fitting.length > 0 ? words.denied : none;
}

function named(builds: readonly Build[]): string[] {
  const names = builds
    .slice(0, NAMED)
    .map((build) => `${t.builds.number(build.build_number)} ${subjectOf(build)}`);
  return builds.length > NAMED ? [...names, words.more(builds.length - NAMED)] : names;
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
