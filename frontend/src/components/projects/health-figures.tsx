/** How many of a project's last builds passed and how long they usually run, in one line. */
import type { ProjectHealth } from "@/api/types";
import { formatDuration, formatNumber } from "@/lib/format";
import { healthWords as words } from "@/messages/en/project-health";

export function HealthFigures({
  health: { success_rate, run },
}: {
  health: Pick<ProjectHealth, "success_rate" | "run">;
}) {
  const facts = [
    typeof success_rate === "number" && words.passed(formatNumber(success_rate)),
    typeof run.p50_ms === "number" && words.usual(formatDuration(run.p50_ms)),
  ].filter(Boolean);
  return <p className="tabular text-sm text-ink-2">{facts.join(" · ")}</p>;
}
