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

type Outcome<T> = { done: T[]; refused: { build: Build; reason: string }[] };

export function useBulk(onDone: () => void) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const [pending, setPending] = useState<"cancel" | "rerun" | null>(null);
  const refresh = () => cache.invalidateQueries({ queryKey: runtime.key("builds") });

  async function cancel(builds: readonly Build[]): Promise<void> {
    setPending("cancel");
    await cache.cancelQueries({ queryKey: runtime.key("builds") });
    for (const { id } of builds) show(runtime, cache, id, "canceled");
    const { done, refused } = await forEach(builds, (build) =>
      runtime.api.post("/v1/builds/{build_id}/cancel", { path: { build_id: build.id } }),
    );
    for (const { build } of refused) show(runtime, cache, build.id, build.status);
    setPending(null);
    if (done.length > 0) toast(words.canceled(done.length));
    tell(refused);
    onDone();
    await refresh();
  }

  async function rerun(builds: readonly Build[]): Promise<void> {
    setPending("rerun");
    const { done, refused } = await forEach(builds, (build) =>
      runtime.api.post("/v1/builds/{build_id}/rerun", {
        path: { build_id: build.id },
        body: { from: "start" },
      }),
    );
    setPending(null);
    const started = done.map(({ build }) => build);
    if (started.length > 0) toastWithUndo(words.queued(started.length), () => void cancel(started));
    tell(refused);
    onDone();
    await refresh();
  }
  return { cancel, rerun, pending };
}

async function forEach<T>(builds: readonly Build[], act: (build: Build) => Promise<T>): Promise<Outcome<T>> {
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

function tell(refused: Outcome<unknown>["refused"]): void {
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
