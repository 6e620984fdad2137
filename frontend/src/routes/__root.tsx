/** The root of all pages: providers of the instance on screen, the shell, the sign-in guard. */
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, Outlet, redirect, useMatches, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { IconSprite } from "@/components/ui/icon";
import { currentRuntime, useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { useStore } from "@/lib/store";

/** Apart from the app, because the pages where strangers arrive stand without it. */
const loadShell = () => import("@/components/shell/shell");
const Shell = lazy(loadShell);

export const Route = createRootRoute({
  beforeLoad: async ({ location, matches }) => {
    if (matches.some((match) => match.staticData.frame === "bare")) return;
    const { session } = currentRuntime();
    await session.ready();
    // Together with the page, not after it; what fails here fails again where it is shown.
    if (session.token()) return void loadShell().catch(() => undefined);
    const next = location.href === "/" ? undefined : location.href;
    const state = session.hasExpired() ? { notice: "expired" as const } : {};
    throw redirect({ to: "/login", search: next ? { next } : {}, state, replace: true });
  },
  component: Root,
});

function Root() {
  const runtime = useRuntime();
  const bare = useMatches({
    select: (matches) => matches.some((match) => match.staticData.frame === "bare"),
  });
  const frame = bare ? "bare" : "shell";
  useLiveStream(runtime, frame);
  useSignedOutElsewhere(runtime, frame);
  return (
    <QueryClientProvider key={runtime.instance.id} client={runtime.queryClient}>
      <IconSprite />
      {bare ? (
        <Outlet />
      ) : (
        <Suspense>
          <Shell>
            <Outlet />
          </Shell>
        </Suspense>
      )}
    </QueryClientProvider>
  );
}

/** Another tab signed out: this one must not go on showing what it knew. */
function useSignedOutElsewhere(runtime: Runtime, frame: "bare" | "shell"): void {
  const router = useRouter();
  const session = useStore(runtime.session.current);
  const signedIn = useRef<Runtime | null>(null);
  useEffect(() => {
    const lost = signedIn.current === runtime && !session;
    signedIn.current = session ? runtime : null;
    if (!lost || frame === "bare") return;
    runtime.clear();
    // The tab that ended the session is on its way itself, and says why.
    if (router.history.location.pathname === "/login") return;
    void router.navigate({ to: "/login", search: { signed_out: true }, ignoreBlocker: true });
  }, [runtime, router, session, frame]);
}

/** The stream lives as long as the session of the instance on screen; a page that signs in starts with a new one. */
function useLiveStream(runtime: Runtime, frame: "bare" | "shell"): void {
  const session = useStore(runtime.session.current);
  const userId = session?.userId;
  useEffect(() => {
    if (!userId || frame === "bare") return;
    runtime.live.start();
    return () => runtime.live.stop();
  }, [runtime, userId, frame]);
}
