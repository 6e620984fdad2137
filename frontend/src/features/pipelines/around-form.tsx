/**
 * What stands around the form's fields, in a chunk of its own that is fetched beside them: they do not wait for it, and can be saved
 * without it.
 */
import { lazy, Suspense } from "react";
import { Skeleton } from "@/components/ui";
import { t } from "@/messages";
import type { AboveProps } from "./around";
import type { PlanPreviewProps } from "./plan-preview";

const around = import("./around").catch(() => null);

const Above = lazy(() => around.then((all) => ({ default: all?.Above ?? Lost })));
const Plan = lazy(() => around.then((all) => ({ default: all?.PlanPreview ?? Lost })));

function Lost() {
  return <p className="text-ink-2">{t.shell.notLoaded}</p>;
}

export function AboveForm(props: AboveProps) {
  return (
    <Suspense fallback={<Skeleton className={props.pipeline ? "h-20" : "h-96"} />}>
      <Above {...props} />
    </Suspense>
  );
}

export function BesideForm(props: PlanPreviewProps) {
  return (
    <Suspense fallback={<Skeleton className="h-80" />}>
      <Plan {...props} />
    </Suspense>
  );
}
