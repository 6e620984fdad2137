/** What was decided, and the last click. It then signs the owner in where the method needs no trip to elsewhere. */
import { useRouter } from "@tanstack/react-router";
import { Banner, Button, Fact, Facts } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally, signInThroughProxy } from "@/lib/instances/sign-in";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

export function FinishStep({ setup }: { setup: Setup }) {
  const { method, run, session, summary, submission } = setup;
  const runtime = useRuntime();
  const router = useRouter();
  async function enter(): Promise<boolean> {
    const email = summary?.owner_email;
    try {
      if (method === "local") await signInLocally(runtime, email ? { email } : {});
      if (method === "trusted_proxy") await signInThroughProxy(runtime);
      return method !== "oidc";
    } catch {
      // The set-up is done; the sign-in page tries again and explains.
      return false;
    }
  }
  function finish() {
    run(async (api) => {
      await api.post("/v1/setup/complete");
      session.forget();
      if (await enter()) return router.navigate({ to: "/", replace: true });
      await router.navigate({ to: "/login", state: { notice: "set_up" }, replace: true });
    });
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">{words.finish.text}</p>
      <Facts>
        <Fact name={words.finish.how}>{method && words.method[method].title}</Fact>
        {method === "oidc" && summary?.issuer_url && (
          <Fact name={words.finish.issuer}>{summary.issuer_url}</Fact>
        )}
        {method === "oidc" && summary?.client_id && (
          <Fact name={words.finish.clientId}>{summary.client_id}</Fact>
        )}
        {summary?.public_url && <Fact name={words.finish.address}>{summary.public_url}</Fact>}
        <Fact name={words.finish.owner}>{summary?.owner_email}</Fact>
      </Facts>
      {method !== "local" && !summary?.public_url && (
        <Banner tone="warning" title={words.finish.noAddress}>
          <p>{words.finish.noAddressText}</p>
        </Banner>
      )}
      <StepProblem error={submission.error} />
      <Button variant="primary" pending={submission.pending} onClick={finish} className="self-start">
        {submission.pending ? words.finish.working : words.finish.button}
      </Button>
    </div>
  );
}
