/** One attempt to sign in: pending, its error, and the way on afterwards. It must not know the methods. */
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";

export type SignIn = { pending: boolean; error: ApiError | null; run: (action: () => Promise<void>) => void };

/** After `action` the person goes to `next`; an action that leaves the page itself stays pending until it has left. */
export function useSignIn(next: string, kind: "stays" | "leaves" = "stays"): SignIn {
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useBackFromElsewhere(() => setPending(false));
  const run = useCallback(
    (action: () => Promise<void>) => {
      setPending(true);
      setError(null);
      void (async () => {
        try {
          await action();
          if (kind === "stays") await router.navigate({ href: next, replace: true });
        } catch (cause) {
          setError(toApiError(cause));
          setPending(false);
        }
      })();
    },
    [kind, next, router],
  );
  return { pending, error, run };
}

/** The browser's Back shows the page as it was left, with its spinner still turning. */
function useBackFromElsewhere(onBack: () => void): void {
  useEffect(() => {
    const check = (event: PageTransitionEvent) => {
      if (event.persisted) onBack();
    };
    window.addEventListener("pageshow", check);
    return () => window.removeEventListener("pageshow", check);
  });
}
