/** Makes the router over the generated route tree; main.tsx and the tests use it. It must not render. */
import { createRouter, type RouterHistory } from "@tanstack/react-router";
import { NotFound } from "@/components/shell/not-found";
import { RouteError } from "@/components/shell/route-error";
import { routeTree } from "./routeTree.gen";

export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 60_000,
    scrollRestoration: true,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** `bare` pages (sign-in) stand without the shell. */
    frame?: "shell" | "bare";
  }
}
