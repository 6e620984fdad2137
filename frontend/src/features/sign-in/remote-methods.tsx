/** Signing in to a remote instance: one button for its one method, and the way in at the machine itself. */
import type { ReactNode } from "react";
import type { ApiError } from "@/api/errors";
import { Trouble } from "@/components/access";
import { Button } from "@/components/ui/basics";
import { useRuntime } from "@/lib/instances/current";
import { signInThroughProxy } from "@/lib/instances/sign-in";
import { isLoopbackAddress } from "@/lib/loopback";
import { signIn as words } from "@/messages/en/sign-in";
import { LocalMethod } from "./local-method";
import { useSignIn } from "./use-sign-in";

type Props = { next: string };

export function ProviderMethod({ next }: Props) {
  const runtime = useRuntime();
  const trip = useSignIn(next, "leaves");
  // The way to a provider comes with the first step on it: others sign in without.
  const leave = async () => (await import("@/lib/instances/oidc")).leaveForSignIn(runtime, next);
  return (
    <Method text={words.oidc.text} failure={trip.error} fallback={words.local.atTheMachine} next={next}>
      <Button variant="primary" icon="external" pending={trip.pending} onClick={() => trip.run(leave)}>
        {trip.pending ? words.oidc.leaving : words.oidc.button}
      </Button>
    </Method>
  );
}

export function ProxyMethod({ next }: Props) {
  const runtime = useRuntime();
  const attempt = useSignIn(next);
  return (
    <Method
      text={words.proxy.text}
      failure={attempt.error}
      fallback={words.local.atTheMachineProxy}
      next={next}
    >
      <Button
        variant="primary"
        pending={attempt.pending}
        onClick={() => attempt.run(() => signInThroughProxy(runtime))}
      >
        {words.proxy.button}
      </Button>
    </Method>
  );
}

type MethodProps = {
  text: string;
  failure: ApiError | null;
  fallback: string;
  next: string;
  children: ReactNode;
};

function Method({ text, failure, fallback, next, children }: MethodProps) {
  const { instance } = useRuntime();
  return (
    <>
      <p className="text-ink-2">{text}</p>
      {failure && <Trouble title={words.failed} reason={failure} />}
      {children}
      {isLoopbackAddress(instance.url) && (
        // Whoever sits at the machine gets in without provider or proxy, so that a broken one locks nobody out for good.
        <div className="border-t border-line pt-4">
          <LocalMethod next={next} start="ask" isSetUp text={fallback} variant="secondary" />
        </div>
      )}
    </>
  );
}
