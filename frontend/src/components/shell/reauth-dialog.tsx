/** Asks to sign in again when the session is over, over the page, so that nothing typed is lost. It must not reload. */
import { lazy, Suspense } from "react";
import { useRuntime } from "@/lib/instances/current";
import { useStore } from "@/lib/store";

const Ask = lazy(() => import("./reauth-ask"));

export function ReauthDialog() {
  const runtime = useRuntime();
  const request = useStore(runtime.reauth);
  if (!request) return null;
  return (
    <Suspense>
      <Ask runtime={runtime} request={request} />
    </Suspense>
  );
}
