/** A policy in one line, for whom may not change it or looks at a project. */
import type { RetentionPolicy } from "@/api/types";
import { formatBytes, formatNumber } from "@/lib/format";
import { t } from "@/messages";
import { retention as words } from "@/messages/en/retention";

export default function InForce({ policy }: { policy: RetentionPolicy }) {
  const { effective, none } = words.project;
  return (
    <p className="text-ink-2">
      <span className="font-medium text-ink">{effective}:</span> {whatIsRemoved(policy) ?? none}
    </p>
  );
}

function whatIsRemoved(policy: RetentionPolicy): string | null {
  const rules = policy.enabled ? rulesIn(policy) : [];
  if (rules.length === 0) return null;
  const { kept, dry } = words.project.inForce;
  const outcomes = policy.keep_statuses.map((status) => t.builds.status[status]);
  const parts = outcomes.length > 0 ? [...rules, kept(outcomes.join(", "))] : rules;
  const text = `${words.targets[policy.cleanup_target].label}: ${parts.join(" · ")}`;
  return policy.dry_run ? `${dry} ${text}` : text;
}

function rulesIn(policy: RetentionPolicy): string[] {
  const { inForce } = words.project;
  const counted = (count: number | null | undefined, say: (count: number, text: string) => string) =>
    count ? [say(count, formatNumber(count))] : [];
  const sized = (bytes: number | null | undefined, say: (text: string) => string) =>
    bytes ? [say(formatBytes(bytes))] : [];
  return [
    ...counted(policy.max_age_days, inForce.days),
    ...counted(policy.max_builds_per_project, inForce.builds),
    ...sized(policy.max_artifact_size_bytes, inForce.size),
    ...sized(policy.disk_budget_bytes, inForce.budget),
    ...counted(policy.artifact_ttl_days, inForce.ttl),
  ];
}
