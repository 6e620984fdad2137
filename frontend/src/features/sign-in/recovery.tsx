/** Signing in with a recovery link: at once, one time. The capability must never be shown, stored or put into an address. */
import { useEffect, useRef } from "react";
import type { ApiError } from "@/api/errors";
import { Skeleton } from "@/components/ui/basics";
import { take } from "@/lib/arrival";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally } from "@/lib/instances/sign-in";
import { signIn as words } from "@/messages/en/sign-in";
import { useSignIn } from "./use-sign-in";

export function Recovery({ next, onRefused }: { next: string; onRefused: (error: ApiError) => void }) {
  const runtime = useRuntime();
  const { error, run } = useSignIn(next);
  const started = useRef(false);
  useEffect(() => {
    const capability = started.current ? null : take("recovery");
    if (!capability) return;
    started.current = true;
    run(() => signInLocally(runtime, { recovery_capability: capability }));
  }, [run, runtime]);
  useEffect(() => {
    if (error) onRefused(error);
  }, [error, onRefused]);
  return (
    <div className="flex flex-col gap-2">
      <p role="status">{words.recovery.working}</p>
      <Skeleton className="h-2 w-full" />
    </div>
  );
}
