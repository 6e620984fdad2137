/** Cancel and re-run. Cancel shows at once and is taken back if the server refuses; the reason is kept. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Build, BuildDetail, RerunFrom, RerunRequest } from "@/api/types";
import { useToasts } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { buildPage } from "@/messages/en/build-page";

export function useCancel(build: Build) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const key = runtime.key("build", build.id);
  const show = (next: Build) => cache.setQueryData<BuildDetail>(key, (old) => old && { ...old, build: next });
  return useMutation({
    mutationFn: () => runtime.api.post("/v1/builds/{build_id}/cancel", { path: { build_id: build.id } }),
    onMutate: async () => {
      await cache.cancelQueries({ queryKey: key });
      const before = cache.getQueryData<BuildDetail>(key);
      show({ ...build, status: "canceled" });
      return { before };
    },
    onSuccess: ({ build: canceled }) => {
      show(canceled);
      toast(buildPage.page.canceled(build.build_number));
    },
    onError: (cause, _, context) => {
      if (context?.before) cache.setQueryData(key, context.before);
      toastError(cause);
    },
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: key }),
        cache.invalidateQueries({ queryKey: runtime.key("builds") }),
      ]),
  });
}

export function useRerun(build: Build) {
  const rerun = useRunAgain(build);
  const { toastError } = useToasts();
  return useMutation({ mutationFn: (from: RerunFrom) => rerun({ from }), onError: toastError });
}

/** Makes the same build again and goes to it. Throws what the server says against it. */
export function useRunAgain({ id }: Build): (again: RerunRequest) => Promise<void> {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const navigate = useNavigate();
  return async (body) => {
    const { build: next } = await runtime.api.post("/v1/builds/{build_id}/rerun", {
      path: { build_id: id },
      body,
    });
    await cache.invalidateQueries({ queryKey: runtime.key("builds") });
    await navigate({ to: "/builds/$buildId", params: { buildId: next.id } });
    toast(buildPage.page.rerunDone(next.build_number));
  };
}
