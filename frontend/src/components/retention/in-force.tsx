/** A policy in one line, for whom may not change it or looks at a project. */
import type { RetentionPolicy } from "@/api/types";
import { formatBytes, formatNumber } from "@/lib/format";
import { retention as words } from "@/messages/en/retention";

export default function InForce({ policy }: { policy: RetentionPolicy }) {
  const rules = policy.enabled ? rulesIn(policy) : [];
  return (
    <p className="text-ink-2">
      <span className="font-medium text-ink">{words.project.effective}:</span>{" "}
      {rules.length === 0
        ? words.project.none
        : `${words.targets[policy.cleanup_target].label}: ${rules.join(" · ")}`}
    </p>
  );
}

function rulesIn(policy: RetentionPolicy): string[] {
  const { inForce } = words.project;
  const counted = (count: number | null | undefined, say: (count: number, text: string) => string) =>
    count ? [say(count, formatNumber(count))] : [];
  const bytes = policy.max_artifact_size_bytes;
  return [
    ...counted(policy.max_age_days, inForce.days),
    ...counted(policy.max_builds_per_project, inForce.builds),
    ...(bytes ? [inForce.size(formatBytes(bytes))] : []),
    ...counted(policy.artifact_ttl_days, inForce.ttl),
  ];
}
