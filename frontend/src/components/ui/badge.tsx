/** Status badges: always shape and word, never colour alone. */
import type { BuildStatus, RunnerStatus } from "@/api/types";
import { t } from "@/messages";
import { Icon, type IconName } from "./icon";

type Tone = "passed" | "failed" | "running" | "queued" | "warning";

const TONES: Record<Tone, string> = {
  passed: "bg-passed-tint text-passed",
  failed: "bg-failed-tint text-failed",
  running: "bg-running-tint text-running",
  queued: "bg-queued-tint text-queued",
  warning: "bg-warning-tint text-warning",
};

export function Badge({ tone, icon, children }: { tone: Tone; icon?: IconName; children: string }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {icon && <Icon name={icon} className="size-3.5" />}
      {children}
    </span>
  );
}

const BUILD: Record<BuildStatus, { tone: Tone; icon: IconName }> = {
  queued: { tone: "queued", icon: "clock" },
  scheduled: { tone: "queued", icon: "clock" },
  assigned: { tone: "running", icon: "ring" },
  running: { tone: "running", icon: "ring" },
  succeeded: { tone: "passed", icon: "passed" },
  failed: { tone: "failed", icon: "octagon" },
  canceled: { tone: "queued", icon: "slash" },
  timed_out: { tone: "failed", icon: "alert" },
  expired: { tone: "warning", icon: "alert" },
};

export function StatusBadge({ status }: { status: BuildStatus }) {
  const { tone, icon } = BUILD[status];
  return (
    <Badge tone={tone} icon={icon}>
      {t.builds.status[status]}
    </Badge>
  );
}

const RUNNER: Record<RunnerStatus, { tone: Tone; icon: IconName }> = {
  online: { tone: "passed", icon: "passed" },
  busy: { tone: "running", icon: "ring" },
  draining: { tone: "warning", icon: "pause" },
  offline: { tone: "queued", icon: "slash" },
};

export function RunnerBadge({ status }: { status: RunnerStatus }) {
  const { tone, icon } = RUNNER[status];
  return (
    <Badge tone={tone} icon={icon}>
      {t.runners.status[status]}
    </Badge>
  );
}

/** Queued or under way: the build can still change by itself. */
export function isActive(status: BuildStatus): boolean {
  return status === "queued" || status === "scheduled" || status === "assigned" || status === "running";
}
