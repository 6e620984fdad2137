/** The one click for a person alone at the machine: the first local sign-in finishes the set-up by itself. */
import { useRouter } from "@tanstack/react-router";
import { Button } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally } from "@/lib/instances/sign-in";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";

export function QuickStart() {
  const runtime = useRuntime();
  const router = useRouter();
  const { run, pending, error } = useSubmission();
  function start() {
    void run(async () => {
      await signInLocally(runtime);
      await router.navigate({ to: "/", replace: true });
    });
  }
  return (
    <section aria-labelledby="quick" className="card flex flex-col items-start gap-3 p-4 sm:p-5">
      <h2 id="quick" className="text-lg font-semibold">
        {words.quick.title}
      </h2>
      <p className="text-ink-2">{words.quick.text}</p>
      <StepProblem error={error} />
      <Button variant="primary" pending={pending} onClick={start}>
        {words.quick.button}
      </Button>
      <p className="text-ink-2">{words.quick.or}</p>
    </section>
  );
}
