/** The set-up on one page, for local use and for teams. It goes on at the first unfinished step, also after a reload. */
// What it shares with the pages in the shell stays one chunk with what those share: see src/shared.ts.
import "@/components/shell";
import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { BarePage } from "@/components/access";
import { Button, ErrorState, Skeleton } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { isLoopbackAddress } from "@/lib/loopback";
import { setup as words } from "@/messages/en/setup";
import { FinishStep } from "./finish-step";
import { MethodStep } from "./method-step";
import { OidcStep } from "./oidc-step";
import { OwnerStep } from "./owner-step";
import type { Step } from "./progress";
import { ProxyStep } from "./proxy-step";
import { QuickStart } from "./quick-start";
import { StepCard, type StepState, useFocusOnChange } from "./step-card";
import { UnlockStep } from "./unlock-step";
import { type Setup, type SetupView, useSetup } from "./use-setup";

/** `next` is what is shown to whom is signed in once the set-up is over. */
export function SetupPage({ next }: { next: ReactNode }) {
  const { instance, session } = useRuntime();
  const view = useSetup();
  if (view.kind === "over" && session.token()) return next;
  if (view.kind === "over") return <Navigate to="/login" state={{ notice: "set_up" }} replace />;
  return (
    <BarePage title={words.title} heading={words.heading(instance.label)} width="normal">
      <Body view={view} />
    </BarePage>
  );
}

function Body({ view }: { view: Exclude<SetupView, { kind: "over" }> }) {
  const { instance } = useRuntime();
  if (view.kind === "error")
    return <ErrorState name={words.instance} error={view.error} onRetry={view.retry} />;
  if (view.kind === "loading") {
    return (
      <div className="card flex flex-col gap-2 p-5">
        <p role="status" className="text-ink-2">
          {words.checking}
        </p>
        <Skeleton className="h-2 w-full" />
      </div>
    );
  }
  const isUntouched = view.status.runtime_mode === "local" && view.setup.step === "unlock";
  return (
    <>
      {isUntouched && isLoopbackAddress(instance.url) && <QuickStart />}
      <Steps setup={view.setup} />
    </>
  );
}

function Steps({ setup }: { setup: Setup }) {
  const { steps, step, reached } = setup;
  const heading = useFocusOnChange(step);
  const now = steps.indexOf(step);
  return (
    <>
      <p role="status" className="sr-only">
        {words.step(now + 1, steps.length, titleOf(step, setup))}
      </p>
      <ol aria-label={words.progress} className="flex flex-col gap-3">
        {steps.map((item, index) => (
          <StepCard
            key={item}
            number={index + 1}
            title={titleOf(item, setup)}
            state={stateOf(index, now, steps.indexOf(reached))}
            outcome={outcomeOf(item, setup)}
            onChange={canChange(item, setup) ? () => setup.edit(item) : undefined}
            heading={heading}
          >
            {item === step && bodyOf(item, setup)}
            {item === step && step !== reached && (
              <Button variant="ghost" className="self-start" onClick={() => setup.edit(null)}>
                {words.keep}
              </Button>
            )}
          </StepCard>
        ))}
      </ol>
    </>
  );
}

function stateOf(index: number, now: number, reached: number): StepState {
  if (index === now) return "now";
  return index < reached ? "done" : "later";
}

function titleOf(step: Step, { method }: Setup): string {
  if (step !== "configure") return words[step].title;
  if (method === null) return words.configure;
  return method === "trusted_proxy" ? words.proxy.title : words.oidc.title;
}

function outcomeOf(step: Step, { method, summary }: Setup): string | null {
  if (step === "method") return method && words.method[method].title;
  if (step === "configure") return method === "oidc" ? (summary?.issuer_url ?? null) : words.proxy.saved;
  if (step === "owner") return summary?.owner_email ?? null;
  return step === "unlock" ? words.unlock.done : null;
}

/** Once the owner is known the server changes nothing any more; the settings do, afterwards. */
function canChange(step: Step, { reached }: Setup): boolean {
  return reached !== "finish" && (step === "method" || step === "configure");
}

function bodyOf(step: Step, setup: Setup): ReactNode {
  if (step === "unlock") return <UnlockStep setup={setup} />;
  if (step === "method") return <MethodStep setup={setup} />;
  if (step === "owner") return <OwnerStep setup={setup} />;
  if (step === "finish") return <FinishStep setup={setup} />;
  return setup.method === "oidc" ? <OidcStep setup={setup} /> : <ProxyStep setup={setup} />;
}
