/** The root of all pages: which instance they are about, its providers, the shell, the sign-in guard. */
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, Navigate, Outlet, redirect, useMatches, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { IconSprite } from "@/components/ui/icon";
import {
  chooseInstance,
  chosenInstance,
  namedInstance,
  RuntimeContext,
  statedAddress,
} from "@/lib/instances/current";
import { instances } from "@/lib/instances/registry";
import { type Runtime, runtimeOf } from "@/lib/instances/runtime";
import { useStore } from "@/lib/store";

/** Apart from the app, because the pages where strangers arrive stand without it. */
const loadShell = () => import("@/components/shell/shell");
const Shell = lazy(loadShell);

/** Pages that stand without a session. */
const ENTRANCES = ["/login", "/auth/callback", "/auth/again"];

type Search = { instance?: string };
type Frame = "bare" | "shell";

/** The one page that is about no instance. */
const isListOfInstances = ({ routeId }: { routeId: string }) => routeId === "/connect";

export const Route = createRootRoute({
  validateSearch: ({ instance }: Record<string, unknown>): Search => ({
    instance: typeof instance === "string" ? instance : undefined,
  }),
  // Every link says which instance it is about, so that it means the same in another tab and browser.
  search: { middlewares: [({ search, next }) => withInstance(next(search))] },
  beforeLoad: async ({ location, matches, search, preload }) => {
    const isList = matches.some(isListOfInstances);
    const instance = namedInstance(search.instance);
    if (!instance && isList && search.instance === undefined) return;
    if (!instance) {
      const next = isList || location.href === "/" ? undefined : location.href;
      throw redirect({ to: "/connect", search: { add: search.instance, next }, replace: true });
    }
    if (!preload) chooseInstance(instance);
    if (matches.some((match) => match.staticData.frame === "bare")) return;
    const { session } = runtimeOf(instance);
    await session.ready();
    // Together with the page, not after it; what fails here fails again where it is shown.
    if (session.token()) return void loadShell().catch(() => undefined);
    const next = location.href === "/" ? undefined : location.href;
    const state = session.hasExpired() ? { notice: "expired" as const } : {};
    throw redirect({ to: "/login", search: next ? { next } : {}, state, replace: true });
  },
  component: Root,
});

/** A link that names an instance itself means that one, also when it is the page's own, of which nothing is said. */
function withInstance<S extends Search>(search: S): S {
  const { instance: named, ...rest } = search;
  const instance = named === undefined ? chosenInstance() : namedInstance(named);
  const said = instance ? statedAddress(instance) : named;
  return (said === undefined ? rest : { ...rest, instance: said }) as S;
}

function Root() {
  useStore(instances);
  const { instance: named } = Route.useSearch();
  const isList = useMatches({ select: (matches) => matches.some(isListOfInstances) });
  if (isList) {
    return (
      <>
        <IconSprite />
        <Outlet />
      </>
    );
  }
  const instance = namedInstance(named);
  // Taken off the list in another tab.
  if (!instance) return <Navigate to="/connect" replace />;
  return <InstanceRoot key={instance.id} runtime={runtimeOf(instance)} />;
}

function InstanceRoot({ runtime }: { runtime: Runtime }) {
  const bare = useMatches({
    select: (matches) => matches.some((match) => match.staticData.frame === "bare"),
  });
  const frame = bare ? "bare" : "shell";
  useLiveStream(runtime, frame);
  useSignedOutElsewhere(runtime);
  return (
    <RuntimeContext value={runtime}>
      <QueryClientProvider client={runtime.queryClient}>
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
    </RuntimeContext>
  );
}

/** Another tab signed out: this one must not go on showing what it knew. */
function useSignedOutElsewhere(runtime: Runtime): void {
  const router = useRouter();
  const session = useStore(runtime.session.current);
  const signedIn = useRef(false);
  useEffect(() => {
    const lost = signedIn.current && !session;
    signedIn.current = session !== null;
    // The tab that ended the session is on its way itself, and says why. Whoever comes back from a provider waits for one.
    if (!lost || ENTRANCES.includes(router.history.location.pathname)) return;
    void router.navigate({ to: "/login", search: { signed_out: true }, ignoreBlocker: true });
  }, [router, session]);
}

/** The stream lives as long as the instance is on screen, for whoever is signed in; a page that signs in does without. */
function useLiveStream(runtime: Runtime, frame: Frame): void {
  useEffect(() => {
    if (frame === "bare") return;
    runtime.live.start();
    return () => runtime.live.stop();
  }, [runtime, frame]);
}
