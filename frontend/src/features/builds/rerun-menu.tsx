/** Running a build again: from the start at once, from the step that failed, or with other inputs. What is possible, the server says. */
import { useState } from "react";
import type { Build, BuildDetail, RerunFrom } from "@/api/types";
import { Button, Icon, Menu, type MenuEntry, onRequest } from "@/components/ui";
import { KEYS, useShortcuts } from "@/lib/shortcuts";
import { buildPage } from "@/messages/en/build-page";
import { useRerun, useRunAgain } from "./actions";
import type { Inputs } from "./rerun-dialog";

/** Loaded when it is asked for. */
const RerunDialog = onRequest(() => import("./rerun-dialog"));

const words = buildPage.page;

type Props = { build: Build; options: BuildDetail["rerun"]; pending: boolean };

export function RerunMenu({ build, options, pending }: Props) {
  const rerun = useRerun(build);
  const runAgain = useRunAgain(build);
  const [isAsking, setAsking] = useState(false);
  const failedStep = options?.failed_step ?? null;
  const inputs = inputsOf(build);
  const isBusy = rerun.isPending || pending;
  // Each choice makes a build: while one is made there is no other.
  const start = (from: RerunFrom) => {
    if (!isBusy) rerun.mutate(from);
  };
  useShortcuts({ rerun: () => start("start") });
  const ways: MenuEntry[] = [];
  const disabledReason = isBusy ? words.rerunBusy : null;
  if (failedStep) {
    const label = words.rerunFailed(failedStep);
    ways.push({
      kind: "action",
      label,
      icon: "play",
      disabledReason,
      onSelect: () => start("failed_step"),
    });
  }
  if (inputs) {
    const label = words.rerunInputs;
    ways.push({ kind: "action", label, icon: "edit", disabledReason, onSelect: () => setAsking(true) });
  }
  return (
    <span className="inline-flex items-center gap-1">
      <Button
        icon="rerun"
        variant={build.status === "succeeded" ? "secondary" : "primary"}
        pending={isBusy}
        aria-keyshortcuts={KEYS.rerun}
        onClick={() => start("start")}
      >
        {words.rerun}
      </Button>
      {ways.length > 0 && (
        <Menu label={words.rerunWays} entries={ways}>
          <Icon name="chevron" className="size-4 rotate-90" />
        </Menu>
      )}
      {isAsking && inputs && (
        <RerunDialog
          build={build}
          before={inputs}
          failedStep={failedStep}
          onRun={runAgain}
          onClose={() => setAsking(false)}
        />
      )}
    </span>
  );
}

/** What a build was started with: every input that its file declares has a value there. Nothing if it declares none. */
function inputsOf({ config_snapshot: { inputs } }: Build): Inputs | null {
  if (typeof inputs !== "object" || inputs === null || Object.keys(inputs).length === 0) return null;
  return inputs as Inputs;
}
