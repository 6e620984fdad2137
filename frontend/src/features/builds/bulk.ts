/** Cancels builds or runs them again, one after the other; also a single one. Cancelling shows at once; what is refused is taken back. */
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { Build, BuildStatus, ListBuilds } from "@/api/types";
import { toastsFor } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { t } from "@/messages";
import { bulk as words } from "@/messages/en/bulk";

/** What has to be known of a build. */
export type OneOfMany = Pick<Build, "id" | "status" | "build_number">;

type Told = ReturnType<typeof toastsFor>;
type Refusal = { build: OneOfMany; code: string; reason: string };
type Outcome<T> = { done: T[]; refused: Refusal[] };

/** Both end with the last answer; what is shown is read again after that, and until then they are pending. */
export function useBulk() {
  const runtime = useRuntime();
  const [pending, setPending] = useState<"cancel" | "rerun" | null>(null);
  const doing =
    (what: "cancel" | "rerun", act: typeof cancelBuilds) => async (builds: readonly OneOfMany[]) => {
      setPending(what);
      const { shown } = await act(runtime, builds);
      void shown.finally(() => setPending(null));
    };
  return { cancel: doing("cancel", cancelBuilds), rerun: doing("rerun", rerunBuilds), pending };
}

/** How the daemon refuses to cancel what has ended. */
const OVER = "invalid_transition";

/** `shown`: what is on the page has been read again. */
type Over = { shown: Promise<unknown> };

export async function cancelBuilds(runtime: Runtime, builds: readonly OneOfMany[]): Promise<Over> {
  const told = toastsFor(runtime);
  await runtime.queryClient.cancelQueries({ queryKey: runtime.key("builds") });
  for (const { id } of builds) show(runtime, id, "canceled");
  const { done, refused } = await forEach(builds, (build) =>
    runtime.api.post("/v1/builds/{build_id}/cancel", { path: { build_id: build.id } }),
  );
  for (const { build } of refused) show(runtime, build.id, build.status);
  const over = refused.filter(({ code }) => code === OVER);
  const [first] = done;
  if (over.length > 0) told.toast(sayOver(over, done.length, builds.length));
  else if (done.length > 1) told.toast(words.canceled(done.length));
  else if (first) told.toast(t.builds.row.canceled(t.builds.number(first.build.build_number)));
  tell(
    told,
    refused.filter(({ code }) => code !== OVER),
  );
  return { shown: refresh(runtime) };
}

/** What ended before it could be canceled is no fault of anybody. */
function sayOver(over: readonly Refusal[], done: number, all: number): string {
  const [one] = over;
  if (over.length < all || !one) return words.canceledOf(done, all, over.length);
  return all > 1 ? words.allOver(all) : words.wasOver(t.builds.number(one.build.build_number));
}

export async function rerunBuilds(runtime: Runtime, builds: readonly OneOfMany[]): Promise<Over> {
  const told = toastsFor(runtime);
  const { done, refused } = await forEach(builds, (build) =>
    runtime.api.post("/v1/builds/{build_id}/rerun", {
      path: { build_id: build.id },
      body: { from: "start" },
    }),
  );
  const started = done.map(({ build }) => build);
  if (started.length > 0) sayQueued(told, started, () => void cancelBuilds(runtime, started));
  tell(told, refused);
  return { shown: refresh(runtime) };
}

const refresh = (runtime: Runtime): Promise<unknown> =>
  Promise.all(
    (["build", "builds"] as const).map((noun) =>
      runtime.queryClient.invalidateQueries({ queryKey: runtime.key(noun) }),
    ),
  );

async function forEach<T>(
  builds: readonly OneOfMany[],
  act: (build: OneOfMany) => Promise<T>,
): Promise<Outcome<T>> {
  const outcome: Outcome<T> = { done: [], refused: [] };
  for (const build of builds) {
    try {
      outcome.done.push(await act(build));
    } catch (cause) {
      const error = toApiError(cause);
      outcome.refused.push({ build, code: error.code, reason: reasonOf(error) });
    }
  }
  return outcome;
}

/** One build can be looked at. */
function sayQueued(told: Told, started: readonly OneOfMany[], undo: () => void): void {
  const [first] = started;
  if (!first || started.length > 1) {
    told.toastWithUndo(words.queued(started.length), undo);
    return;
  }
  const to = { to: "/builds/$buildId", params: { buildId: first.id } } as const;
  const text = t.builds.row.queued(t.builds.number(first.build_number));
  told.toastWithUndo(text, undo, { label: t.action.open, to });
}

function tell(told: Told, refused: readonly Refusal[]): void {
  const texts = refused.map(({ build, reason }) => `${t.builds.number(build.build_number)}: ${reason}`);
  if (texts.length > 0) told.toastFailure(words.refused(texts.length, texts.join(" · ")));
}

function show(runtime: Runtime, id: string, status: BuildStatus): void {
  runtime.queryClient.setQueriesData<ListBuilds>({ queryKey: runtime.key("builds") }, (old) =>
    old && "builds" in old
      ? { ...old, builds: old.builds.map((build) => (build.id === id ? { ...build, status } : build)) }
      : old,
  );
}
