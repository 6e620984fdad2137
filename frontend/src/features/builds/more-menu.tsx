/** What else can be done with a build: compare it with the last one that passed, pin it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { Icon, Menu, type MenuEntry, useToasts } from "@/components/ui";
import { buildQuery } from "@/lib/build-queries";
import { projectAllows } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { buildsQuery, projectQuery } from "@/lib/queries";
import { useShortcuts } from "@/lib/shortcuts";
import { buildPage } from "@/messages/en/build-page";

const words = buildPage.page;

/** Those that passed are read in pages, newest first. */
const PAGE = 100;
const MOST_PAGES = 10;

export function MoreMenu({ build }: { build: Build }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const navigate = useNavigate();
  async function compare() {
    try {
      const { green, isAll } = await findGreen(runtime, build);
      if (!green) return toast(isAll ? words.noneGreen : words.tooFarBack(formatNumber(PAGE * MOST_PAGES)));
      await navigate({
        to: "/builds/$buildId/compare/$otherId",
        params: { buildId: green.id, otherId: build.id },
      });
    } catch (cause) {
      toastError(cause);
    }
  }
  useShortcuts({ compare: () => void compare() });
  const pin = usePin(build);
  const entries: MenuEntry[] = [
    { kind: "action", label: words.withGreen, icon: "branch", onSelect: () => void compare() },
    ...(pin
      ? [
          {
            kind: "action",
            label: build.pinned ? words.unpin : words.pin,
            icon: "pin",
            onSelect: () => void pin(),
          } as const,
        ]
      : []),
  ];
  return (
    <Menu label={words.more} entries={entries}>
      <Icon name="more" className="size-5" />
    </Menu>
  );
}

/** Keeps a build whatever retention says, or lets it go again; null for whom may not. */
function usePin(build: Build): (() => Promise<void>) | null {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const { data } = useQuery(projectQuery(runtime, build.project_id));
  if (!projectAllows(data?.project, "write_artifacts")) return null;
  return async () => {
    const path = { build_id: build.id };
    try {
      if (build.pinned) await runtime.api.delete("/v1/builds/{build_id}/pin", { path });
      else await runtime.api.post("/v1/builds/{build_id}/pin", { path });
      toast((build.pinned ? words.unpinned : words.pinned)(build.build_number));
    } catch (cause) {
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: buildQuery(runtime, build.id).queryKey });
  };
}

/** Reads on until one of the same combination is found; `isAll` says that there are no more than were read. */
async function findGreen(runtime: Runtime, build: Build): Promise<{ green?: Build; isAll: boolean }> {
  const query = { pipeline_id: build.pipeline_id, branch: build.branch ?? undefined, status: "succeeded" };
  let green: Build | undefined;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { builds, next_cursor } = await runtime.queryClient.fetchQuery(
      buildsQuery(runtime, { ...query, limit: PAGE, cursor }),
    );
    const found = lastBefore(builds, build);
    if (found && isSameCombination(found, build)) return { green: found, isAll: false };
    green ??= found;
    if (!next_cursor) return { green, isAll: true };
    cursor = next_cursor;
  }
  return { green, isAll: false };
}

/** `builds` come newest first. */
export function lastBefore(builds: readonly Build[], build: Build): Build | undefined {
  const earlier = builds.filter(
    (one) => one.id !== build.id && one.build_number < build.build_number && one.status === "succeeded",
  );
  return earlier.find((one) => isSameCombination(one, build)) ?? earlier[0];
}

function isSameCombination(one: Build, other: Build): boolean {
  return JSON.stringify(one.matrix ?? null) === JSON.stringify(other.matrix ?? null);
}
