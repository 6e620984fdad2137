/** Where a project can be pinned. What pins is loaded by itself, as no first page waits for it; its place is kept. */
import { lazy, Suspense } from "react";

const Impl = lazy(() => import("./pin-button-impl").catch(() => ({ default: () => null })));

export function PinButton({ project }: { project: { id: string; name: string } }) {
  return (
    <span className="target relative z-10 inline-flex shrink-0">
      <Suspense>
        <Impl project={project} />
      </Suspense>
    </span>
  );
}
