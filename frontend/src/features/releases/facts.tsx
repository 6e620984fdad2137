/** The small facts of a release: which build it is, of what, for which devices. */
import type { Artifact, Build } from "@/api/types";
import { BuildRef, combinationText } from "@/components/builds";
import { TimeAgo } from "@/components/ui";
import { platformName } from "@/lib/platform";
import { t } from "@/messages";
import { devicesOf } from "./files";

export function ReleaseFacts({ build, artifacts }: { build: Build; artifacts: readonly Artifact[] }) {
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
      <span className="tabular">{t.builds.number(build.build_number)}</span>
      {build.context?.pipeline_name && <span className="min-w-0">{build.context.pipeline_name}</span>}
      {build.matrix && <span className="font-medium">{combinationText(build.matrix)}</span>}
      <BuildRef build={build} />
      {devicesOf(artifacts).map((device) => (
        <span key={device} className="font-medium">
          {platformName(device)}
        </span>
      ))}
      {build.finished_at && <TimeAgo at={build.finished_at} />}
    </p>
  );
}
