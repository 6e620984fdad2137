/**
 * The way back from the identity provider: completes a sign-in, or the set-up step that proves the owner. The answer was
 * taken out of the address before; it must be used once and never be shown or stored.
 */
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError, toApiError } from "@/api/errors";
import { BarePage, Trouble } from "@/components/access";
import { Button, ButtonLink, Skeleton } from "@/components/ui/basics";
import { type ProviderAnswer, take } from "@/lib/arrival";
import { useRuntime } from "@/lib/instances/current";
import { completeSetup, completeSignIn, leaveForSignIn, type Purpose, takeTrip } from "@/lib/instances/oidc";
import { ownPath } from "@/lib/return-path";
import type { Explanation } from "@/messages/en/refusals";
import { setup } from "@/messages/en/setup";
import { signIn as words } from "@/messages/en/sign-in";
import { useSignIn } from "./use-sign-in";

/** What the instance said, or the provider itself. */
type Failure = { reason: ApiError | ProviderAnswer; words: Record<string, Explanation> };
type Trip = { purpose: Purpose; next: string };

export function CallbackPage() {
  const { trip, failure } = useReturn();
  const isSetup = trip?.purpose === "setup";
  if (failure) return <Failed failure={failure} trip={trip} />;
  return (
    <BarePage title={words.title} heading={words.callback.title}>
      <div className="card flex flex-col gap-2 p-5">
        <p role="status">{isSetup ? words.callback.workingSetup : words.callback.working}</p>
        <Skeleton className="h-2 w-full" />
      </div>
    </BarePage>
  );
}

function useReturn(): { trip: Trip | null; failure: Failure | null } {
  const runtime = useRuntime();
  const router = useRouter();
  const started = useRef(false);
  const [trip, setTrip] = useState<Trip | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const answer = take("answer");
    const begun = answer && takeTrip(runtime, answer);
    setTrip(begun && { purpose: begun.purpose, next: begun.next });
    async function complete() {
      if (answer?.error) return setFailure({ reason: answer, words: {} });
      if (!answer?.code || !begun) return setFailure(failureOf(unknownTrip(), "sign_in"));
      try {
        if (begun.purpose === "setup") await completeSetup(runtime, begun, answer.code);
        else await completeSignIn(runtime, begun, answer.code);
        const href = begun.purpose === "setup" ? "/start" : (ownPath(begun.next) ?? "/");
        await router.navigate({ href, replace: true });
      } catch (cause) {
        setFailure(failureOf(toApiError(cause), begun.purpose));
      }
    }
    void complete();
  }, [runtime, router]);
  return { trip, failure };
}

/** An answer that this tab did not ask for is none: the code in it may be somebody else's. */
function unknownTrip(): ApiError {
  return new ApiError({ status: 400, code: "invalid_state", message: "this sign-in is not known here" });
}

function failureOf(error: ApiError, purpose: Purpose): Failure {
  // What is wrong with the answer itself (400, 502) reads the same in both; the rest is about the set-up.
  const isAboutSetup = purpose === "setup" && (error.status === 401 || error.status === 409);
  return { reason: error, words: isAboutSetup ? setup.errors : {} };
}

function Failed({ failure, trip }: { failure: Failure; trip: Trip | null }) {
  useEffect(() => document.getElementById("main")?.focus(), []);
  return (
    <BarePage title={words.callback.failedTitle} heading={words.callback.failedTitle}>
      <div className="card flex flex-col items-start gap-4 p-5">
        <Trouble title={words.failed} reason={failure.reason} words={failure.words} />
        {trip?.purpose === "setup" ? (
          <ButtonLink to="/start" variant="primary" icon="back">
            {words.callback.backToSetup}
          </ButtonLink>
        ) : (
          <StartAgain next={trip?.next ?? "/"} />
        )}
      </div>
    </BarePage>
  );
}

function StartAgain({ next }: { next: string }) {
  const runtime = useRuntime();
  const again = useSignIn(next, "leaves");
  return (
    <>
      {again.error && <Trouble title={words.failed} reason={again.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary"
          icon="rerun"
          pending={again.pending}
          onClick={() => again.run(() => leaveForSignIn(runtime, next))}
        >
          {words.again}
        </Button>
        <ButtonLink to="/login" search={{ signed_out: true }} variant="ghost">
          {words.title}
        </ButtonLink>
      </div>
    </>
  );
}
