/** `/start`: the set-up; once that is over, the way to the first build. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { SetupPage } from "@/features/setup/setup-page";

const FirstRunPage = lazy(() => import("@/features/start/first-run-page"));

export const Route = createLazyFileRoute("/start")({
  component: () => (
    <SetupPage
      next={
        <Suspense>
          <FirstRunPage />
        </Suspense>
      }
    />
  ),
});
