/** Cancels builds or runs them again, one after the other. Cancelling shows at once; what is refused is taken back. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { Build, BuildStatus, ListBuilds } from "@/api/types";
import { toast, toastFailure, toastWithUndo } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { t } from "@/messages";
import { bulk as words } from "@/messages/en/bulk";

/** What has to be known of a build. */
export type OneOfMany = Pick<Build, "id" | "status" | "build_number">;

type Refusal = { build: OneOfMany; reason: string };
type Outcome<T> = { done: T[]; refused: Refusal[] };

/** Both end with the last answer; what is shown is read again after that, and until then they are pending. */
export function useBulk() {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const [pending, setPending] = useState<"cancel" | "rerun" | null>(null);
  const refresh = () =>
    Promise.all(
      (["build", "builds"] as const).map((noun) => cache.invalidateQueries({ queryKey: runtime.key(noun) })),
    );

  async function cancel(builds: readonly OneOfMany[]): Promise<void> {
    setPending("cancel");
    await cache.cancelQueries({ queryKey: runtime.key("builds") });
    for (const { id } of builds) show(runtime, cache, id, "canceled");
    const { done, refused } = await forEach(builds, (build) =>
      runtime.api.post("/v1/builds/{build_id}/cancel", { path: { build_id: build.id } }),
    );
    for (const { build } of refused) show(runtime, cache, build.id, build.status);
    if (done.length > 0) toast(words.canceled(done.length));
    tell(refused);
    void refresh().finally(() => setPending(null));
  }

  async function rerun(builds: readonly OneOfMany[]): Promise<void> {
    setPending("rerun");
    const { done, refused } = await forEach(builds, (build) =>
      runtime.api.post("/v1/builds/{build_id}/rerun", {
        path: { build_id: build.id },
        body: { from: "start" },
      }),
    );
    const started = done.map(({ build }) => build);
    if (started.length > 0) toastWithUndo(words.queued(started.length), () => void cancel(started));
    tell(refused);
    void refresh().finally(() => setPending(null));
  }
  return { cancel, rerun, pending };
}

async function forEach<T>(
  builds: readonly OneOfMany[],
  act: (build: OneOfMany) => Promise<T>,
): Promise<Outcome<T>> {
  const outcome: Outcome<T> = { done: [], refused: [] };
  for (const build of builds) {
    try {
      outcome.done.push(await act(build));
    } catch (cause) {
      outcome.refused.push({ build, reason: reasonOf(toApiError(cause)) });
    }
  }
  return outcome;
}

function tell(refused: readonly Refusal[]): void {
  const texts = refused.map(({ build, reason }) => `${t.builds.number(build.build_number)}: ${reason}`);
  if (texts.length > 0) toastFailure(words.refused(texts.length, texts.join(" · ")));
}

function show(runtime: Runtime, cache: QueryClient, id: string, status: BuildStatus): void {
  cache.setQueriesData<ListBuilds>({ queryKey: runtime.key("builds") }, (old) =>
    old && "builds" in old
      ? { ...old, builds: old.builds.map((build) => (build.id === id ? { ...build, status } : build)) }
      : old,
  );
}
