/** The one click for a person alone at the machine: the first local sign-in finishes the set-up by itself. */
import { Button } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally } from "@/lib/instances/sign-in";
import { setupStatusQuery } from "@/lib/queries";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";

export function QuickStart() {
  const runtime = useRuntime();
  const { run, pending, error } = useSubmission();
  function start() {
    void run(async () => {
      await signInLocally(runtime);
      // The page goes on by itself to the first build once it knows that the set-up is over.
      await runtime.queryClient.fetchQuery(setupStatusQuery(runtime));
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
