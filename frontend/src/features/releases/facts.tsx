/** The small facts of a release: which build it is, of what, for which devices. */
import type { Artifact, Build } from "@/api/types";
import { combinationText } from "@/components/builds";
import { Icon, TimeAgo } from "@/components/ui";
import { shortSha } from "@/lib/format";
import { platformName } from "@/lib/platform";
import { t } from "@/messages";
import { devicesOf } from "./files";

export function ReleaseFacts({ build, artifacts }: { build: Build; artifacts: readonly Artifact[] }) {
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
      <span className="tabular">{t.builds.number(build.build_number)}</span>
      {build.context?.pipeline_name && <span className="min-w-0">{build.context.pipeline_name}</span>}
      {build.matrix && <span className="font-medium">{combinationText(build.matrix)}</span>}
      {build.branch && (
        <span className="inline-flex min-w-0 items-center gap-1">
          <Icon name="branch" className="size-3.5" />
          <span className="min-w-0 break-all">{build.branch}</span>
        </span>
      )}
      {build.commit_sha && <code className="font-mono text-xs">{shortSha(build.commit_sha)}</code>}
      {devicesOf(artifacts).map((device) => (
        <span key={device} className="font-medium">
          {platformName(device)}
        </span>
      ))}
      {build.finished_at && <TimeAgo at={build.finished_at} />}
    </p>
  );
}
