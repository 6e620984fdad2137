/** Keeping new builds from a runner, with a reason, and giving it builds again. The daemon's own can be drained like any. */
import type { Runner } from "@/api/types";
import { Banner, HoldButton, TimeAgo, useToasts } from "@/components/ui";
import { runnerPages } from "@/messages/en/runner-pages";
import { useChange } from "./change";

const words = runnerPages.drain;

export function DrainButton({ runner }: { runner: Runner }) {
  const { toast } = useToasts();
  const change = useChange(runner);
  async function drain(reason: string | undefined) {
    await change({ draining: true, reason });
    toast(words.drained(runner.name));
  }
  async function resume() {
    await change({ draining: false });
    toast(words.resumed(runner.name));
  }
  return (
    <HoldButton
      isHeld={Boolean(runner.drain)}
      words={{ ...words, hold: words.open, title: words.title(runner.name) }}
      onHold={drain}
      onResume={resume}
    />
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
