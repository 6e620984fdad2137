/** Shows a query in every state: pending, error, denied, gone, stale, data. Pages must not hand-roll these. */
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import { formatClock } from "@/lib/format";
import { t } from "@/messages";
import { Banner } from "./banner";
import { Button } from "./button";
import { SkeletonRows } from "./skeleton";
import { DeniedState, ErrorState, GoneState } from "./states";

const QUIET_MS = 150;
const SLOW_MS = 5_000;

type Props<T> = {
  query: UseQueryResult<T>;
  /** What is being loaded, for people: "builds", "project". */
  name: string;
  skeleton?: ReactNode;
  /** Shown instead of the plain gone state on a 404. */
  gone?: ReactNode;
  children: (data: T) => ReactNode;
};

export function QueryView<T>({ query, name, skeleton, gone, children }: Props<T>) {
  const error = useLastError(query);
  const isGone = error?.status === 404;
  if (query.data !== undefined && !isGone) {
    return (
      <>
        {error && (
          <StaleBanner error={error} since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />
        )}
        {children(query.data)}
      </>
    );
  }
  if (!error) return <Pending name={name}>{skeleton ?? <SkeletonRows />}</Pending>;
  if (error.status === 403) return <DeniedState error={error} />;
  if (isGone) return gone ?? <GoneState name={name} />;
  return <ErrorState name={name} error={error} onRetry={() => void query.refetch()} />;
}

/** While a failed query tries again the error stays on screen instead of flickering to a skeleton. */
function useLastError<T>(query: UseQueryResult<T>): ApiError | null {
  const last = useRef<unknown>(null);
  if (query.isError) last.current = query.error;
  else if (query.isSuccess) last.current = null;
  return last.current ? toApiError(last.current) : null;
}

function StaleBanner({ error, since, onRetry }: { error: ApiError; since: number; onRetry: () => void }) {
  const message = error.status === 0 ? t.state.unreachable : error.message;
  return (
    <div className="mb-3">
      <Banner
        tone="warning"
        title={t.state.stale(formatClock(since))}
        actions={<Button onClick={onRetry}>{t.action.retry}</Button>}
      >
        <p>{message}</p>
      </Banner>
    </div>
  );
}

/** Nothing for a moment (fast answers should not flash), then the skeleton, then a word about slowness. */
export function Pending({ name, children }: { name: string; children: ReactNode }) {
  const [phase, setPhase] = useState<"quiet" | "skeleton" | "slow">("quiet");
  useEffect(() => {
    const timers = [
      setTimeout(() => setPhase("skeleton"), QUIET_MS),
      setTimeout(() => setPhase("slow"), SLOW_MS),
    ];
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <div aria-busy="true">
      <p className="sr-only" role="status">
        {t.state.loading(name)}
      </p>
      {phase === "slow" && <p className="mb-2 text-ink-2">{t.state.slow}</p>}
      <div aria-hidden="true" className={phase === "quiet" ? "invisible" : ""}>
        {children}
      </div>
    </div>
  );
}
