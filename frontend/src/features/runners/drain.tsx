/** Keeping new builds from a runner, with a reason, and giving it builds again. The daemon's own can be drained like any. */
import { useState } from "react";
import type { Runner } from "@/api/types";
import { Banner, Button, ReasonDialog, TimeAgo, toast, toastError } from "@/components/ui";
import { runnerPages } from "@/messages/en/runner-pages";
import { useChange } from "./change";

const words = runnerPages.drain;

/** One button for both ways, so that the focus is still on it when the dialog has closed. */
export function DrainButton({ runner }: { runner: Runner }) {
  const change = useChange(runner);
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  const isDrained = Boolean(runner.drain);
  async function resume() {
    setPending(true);
    try {
      await change({ draining: false });
      toast(words.resumed(runner.name));
    } catch (cause) {
      toastError(cause);
    }
    setPending(false);
  }
  async function drain(reason: string | undefined) {
    await change({ draining: true, reason });
    setAsking(false);
    toast(words.drained(runner.name));
  }
  return (
    <>
      <Button
        icon={isDrained ? "play" : "pause"}
        pending={pending}
        onClick={() => (isDrained ? void resume() : setAsking(true))}
      >
        {isDrained ? words.resume : words.open}
      </Button>
      {asking && (
        <ReasonDialog
          title={words.title(runner.name)}
          text={words.text}
          help={words.help}
          submitLabel={words.open}
          onSubmit={drain}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Who keeps builds from it, since when, and why. */
export function DrainNote({ drain }: { drain: NonNullable<Runner["drain"]> }) {
  return (
    <Banner tone="warning" title={words.short(null)}>
      {drain.reason && <p className="wrap-anywhere">{drain.reason}</p>}
      <p className="text-sm">
        {drain.by ? words.by(drain.by) : words.bySomebody} <TimeAgo at={drain.since} />
      </p>
    </Banner>
  );
}
