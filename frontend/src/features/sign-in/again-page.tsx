/**
 * The window in which somebody signs in again with the identity provider while their page waits: off to the provider at once,
 * and closed when they are back. The page hears of the session as any other tab does; it must get nothing from here.
 */
import { Navigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { BarePage, Trouble } from "@/components/access";
import { Button, ButtonLink, Skeleton } from "@/components/ui/basics";
import { useRuntime } from "@/lib/instances/current";
import { leaveForSignIn } from "@/lib/instances/oidc";
import { reauth } from "@/messages/en/reauth";
import { signIn as words } from "@/messages/en/sign-in";
import { useSignIn } from "./use-sign-in";

export function AgainPage({ step }: { step: "leave" | "back" }) {
  const { session } = useRuntime();
  // Nobody is sent off to a provider by a link.
  const [isWindow] = useState(() => Boolean(window.opener));
  if (step === "back" && session.token()) return <Back />;
  return step === "leave" && isWindow ? <Leave /> : <Navigate to="/login" replace />;
}

function Leave() {
  const runtime = useRuntime();
  const router = useRouter();
  const { error, pending, run } = useSignIn("/", "leaves");
  const started = useRef(false);
  const next = router.buildLocation({ to: "/auth/again", search: { done: true } }).href;
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    // The provider's pages need not reach the page that waits.
    window.opener = null;
    run(() => leaveForSignIn(runtime, next));
  }, [run, runtime, next]);
  return (
    <BarePage title={words.title} heading={words.to(runtime.instance.label)}>
      <div className="card flex flex-col items-start gap-4 p-5">
        {error ? (
          <>
            <Trouble title={words.failed} reason={error} />
            <Button
              variant="primary"
              icon="rerun"
              pending={pending}
              onClick={() => run(() => leaveForSignIn(runtime, next))}
            >
              {words.again}
            </Button>
          </>
        ) : (
          <div className="flex flex-col gap-2 self-stretch">
            <p role="status">{words.oidc.leaving}</p>
            <Skeleton className="h-2 w-full" />
          </div>
        )}
      </div>
    </BarePage>
  );
}

/** A window that the browser does not let close says that it can be. */
function Back() {
  useEffect(() => window.close(), []);
  return (
    <BarePage title={words.title} heading={reauth.window.done}>
      <div className="card flex flex-col items-start gap-4 p-5">
        <p role="status">{reauth.window.doneText}</p>
        <ButtonLink to="/" variant="ghost">
          {reauth.window.toHome}
        </ButtonLink>
      </div>
    </BarePage>
  );
}
