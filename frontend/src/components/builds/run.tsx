/** The run dialog, loaded when the first one opens. */
import { type ComponentProps, lazy, Suspense } from "react";

const Impl = lazy(() => import("./run-dialog"));

export function RunDialog(props: ComponentProps<typeof Impl>) {
  return (
    <Suspense>
      <Impl {...props} />
    </Suspense>
  );
}
