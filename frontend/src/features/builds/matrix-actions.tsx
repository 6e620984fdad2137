/** What is done to a matrix as a whole: cancel what is not over, run again what did not succeed. It must not decide permissions. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Build, RelatedBuild } from "@/api/types";
import { Button, isActive, toast, toastError } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { projectQuery } from "@/lib/queries";
import { buildPage } from "@/messages/en/build-page";

const ACTS = {
  cancel: (rt: Runtime, id: string) =>
    rt.api.post("/v1/builds/{build_id}/cancel", { path: { build_id: id } }),
  rerun: (rt: Runtime, id: string) =>
    rt.api.post("/v1/builds/{build_id}/rerun", { path: { build_id: id }, body: { from: "start" } }),
} as const;

const DONE = { cancel: buildPage.related.canceled, rerun: buildPage.related.rerun } as const;

export function MatrixActions({ build, siblings }: { build: Build; siblings: readonly RelatedBuild[] }) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const acting = useAct();
  const running = siblings.filter(({ status }) => isActive(status));
  const unsuccessful = siblings.filter(({ status }) => !isActive(status) && status !== "succeeded");
  const mayCancel = projectAllows(data?.project, "cancel_build") && running.length > 1;
  const mayRerun = projectAllows(data?.project, "trigger_build") && unsuccessful.length > 1;
  if (!mayCancel && !mayRerun) return null;
  return (
    <span className="mt-2 flex flex-wrap gap-2">
      {mayCancel && (
        <Button
          icon="stop"
          pending={acting.isPending}
          onClick={() => acting.mutate({ act: "cancel", builds: running })}
        >
          {buildPage.related.cancelAll(running.length)}
        </Button>
      )}
      {mayRerun && (
        <Button
          pending={acting.isPending}
          onClick={() => acting.mutate({ act: "rerun", builds: unsuccessful })}
        >
          {buildPage.related.rerunAll(unsuccessful.length)}
        </Button>
      )}
    </span>
  );
}

/** One build after the other; a refusal of one, which may be over by now, does not hold back the others. */
function useAct() {
  const runtime = useRuntime();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ act, builds }: { act: keyof typeof ACTS; builds: readonly RelatedBuild[] }) => {
      const refusals: unknown[] = [];
      for (const { id } of builds) await ACTS[act](runtime, id).catch((cause) => refusals.push(cause));
      return { act, done: builds.length - refusals.length, refusals };
    },
    onSuccess: ({ act, done, refusals }) => {
      if (done > 0) toast(DONE[act](done));
      if (refusals.length > 0) toastError(refusals[0]);
    },
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: runtime.key("build") }),
        cache.invalidateQueries({ queryKey: runtime.key("builds") }),
      ]),
  });
}
