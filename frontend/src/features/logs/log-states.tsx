/** What stands in the log's place when there are no lines to show. Each state has words of its own. */

import type { Build } from "@/api/types";
import { EmptyState, ErrorState, Pending, Skeleton, TimeAgo } from "@/components/ui";
import type { LogSnapshot } from "@/lib/log/session";
import { t } from "@/messages";

type Props = {
  snapshot: LogSnapshot;
  build: Build;
  onRetry: () => void;
};

export function LogPlaceholder({ snapshot, build, onRetry }: Props) {
  const { phase, error, state } = snapshot;
  if (phase === "removed") {
    return (
      <EmptyState icon="slash" title={t.logs.removedTitle}>
        <p>
          {t.logs.removedText} {build.log_removed_at != null && <TimeAgo at={build.log_removed_at} />}
        </p>
      </EmptyState>
    );
  }
  if (phase === "failed" && error) return <ErrorState name={t.logs.name} error={error} onRetry={onRetry} />;
  if (state.lines > 0 || state.steps.length > 1) return null;
  if (phase === "ended") {
    return (
      <EmptyState icon="log" title={t.logs.emptyTitle}>
        <p>{t.logs.emptyTexts[build.status] ?? t.logs.emptyText}</p>
      </EmptyState>
    );
  }
  if (phase === "streaming") {
    return (
      <EmptyState icon="clock" title={t.logs.waitingTitle}>
        <p>{t.logs.waitingText}</p>
      </EmptyState>
    );
  }
  if (error) return <ErrorState name={t.logs.name} error={error} onRetry={onRetry} />;
  return (
    <Pending name={t.logs.name}>
      <div className="flex flex-col gap-2 p-4">
        <Skeleton className="h-3.5 w-2/3" />
        <Skeleton className="h-3.5 w-1/2" />
        <Skeleton className="h-3.5 w-3/4" />
      </div>
    </Pending>
  );
}
