/** A link to an instance that this browser does not know. Until the person agrees nothing is asked and nothing is added. */
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { Button, FormError, Icon } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { add, type Outcome, tryToAdd } from "@/lib/instances/adding";
import { useOpenInstance } from "@/lib/instances/keys";
import type { Instance } from "@/lib/instances/registry";
import { instances as words } from "@/messages/en/instances";
import { OutcomeView } from "./outcome";

export function LinkedInstance({ address, next }: { address: string; next: string | null }) {
  const router = useRouter();
  const open = useOpenInstance();
  const submission = useSubmission();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  async function take(outcome: Outcome) {
    setOutcome(outcome);
    const known = outcome.kind === "added" || outcome.kind === "same_address" ? outcome.instance : null;
    if (known) await goOn(known);
  }
  function agree() {
    setOutcome(null);
    void submission.run(async () => take(await tryToAdd({ address, label: "" })));
  }
  const goOn = (instance: Instance) => open(instance, next ?? "/");
  const dismiss = () => router.navigate({ to: "/connect", search: {}, replace: true });
  return (
    <section aria-label={words.linked.title} className="card flex flex-col gap-3 p-5">
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <Icon name="alert" className="size-5 text-warning" />
        {words.linked.title}
      </h2>
      <p className="max-w-[65ch] text-ink-2">{words.linked.text}</p>
      <p className="rounded border border-line bg-sunken px-3 py-2 font-mono break-all">{address}</p>
      {outcome?.kind === "problem" && (
        <p role="alert" className="text-failed">
          {words.problems[outcome.problem]}
        </p>
      )}
      {outcome && <OutcomeView outcome={outcome} onAddAnyway={(url) => void take(add({ url, label: "" }))} />}
      <FormError error={submission.error} />
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" pending={submission.pending} onClick={agree}>
          {words.linked.submit}
        </Button>
        <Button variant="ghost" onClick={() => void dismiss()}>
          {words.linked.dismiss}
        </Button>
        {submission.pending && (
          <p role="status" className="text-ink-2">
            {words.add.checking}
          </p>
        )}
      </div>
    </section>
  );
}
