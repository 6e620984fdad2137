/** Running a build again: from the start at once, or from the step that failed. What is possible, the server says. */
import type { Build, BuildDetail, RerunFrom } from "@/api/types";
import { Button, Icon, Menu } from "@/components/ui";
import { KEYS, useShortcuts } from "@/lib/shortcuts";
import { buildPage } from "@/messages/en/build-page";
import { useRerun } from "./actions";

type Props = { build: Build; options: BuildDetail["rerun"]; pending: boolean };

export function RerunMenu({ build, options, pending }: Props) {
  const rerun = useRerun(build);
  const words = buildPage.page;
  const failedStep = options?.failed_step;
  const isBusy = rerun.isPending || pending;
  // Each choice makes a build: while one is made there is no other.
  const start = (from: RerunFrom) => {
    if (!isBusy) rerun.mutate(from);
  };
  useShortcuts({ rerun: () => start("start") });
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
      {failedStep && (
        <Menu
          label={words.rerunWays}
          entries={[
            {
              kind: "action",
              label: words.rerunFailed(failedStep),
              icon: "play",
              disabledReason: isBusy ? words.rerunBusy : null,
              onSelect: () => start("failed_step"),
            },
          ]}
        >
          <Icon name="chevron" className="size-4 rotate-90" />
        </Menu>
      )}
    </span>
  );
}
