/** What else can be done with a build: compare it with the last one that passed, or link to it. Changes nothing. */
import { useNavigate } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { Icon, Menu, toast, toastError } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery } from "@/lib/queries";
import { useShortcuts } from "@/lib/shortcuts";
import { buildPage } from "@/messages/en/build-page";

const words = buildPage.page;

/** Builds of a matrix stand beside each other: among so many there is one of the same combination. */
const LOOKED_AT = 50;

export function MoreMenu({ build }: { build: Build }) {
  const runtime = useRuntime();
  const navigate = useNavigate();
  async function compare() {
    const query = { pipeline_id: build.pipeline_id, branch: build.branch ?? undefined, status: "succeeded" };
    try {
      const { builds } = await runtime.queryClient.fetchQuery(
        buildsQuery(runtime, { ...query, limit: LOOKED_AT }),
      );
      const green = lastBefore(builds, build);
      if (!green) return toast(words.noneGreen);
      await navigate({
        to: "/builds/$buildId/compare/$otherId",
        params: { buildId: green.id, otherId: build.id },
      });
    } catch (cause) {
      toastError(cause);
    }
  }
  useShortcuts({ compare: () => void compare() });
  return (
    <Menu
      label={words.more}
      entries={[{ kind: "action", label: words.withGreen, icon: "branch", onSelect: () => void compare() }]}
    >
      <Icon name="more" className="size-5" />
    </Menu>
  );
}

/** `builds` come newest first. */
export function lastBefore(builds: readonly Build[], build: Build): Build | undefined {
  const earlier = builds.filter(
    (one) => one.id !== build.id && one.build_number < build.build_number && one.status === "succeeded",
  );
  const combination = JSON.stringify(build.matrix ?? null);
  return earlier.find((one) => JSON.stringify(one.matrix ?? null) === combination) ?? earlier[0];
}
