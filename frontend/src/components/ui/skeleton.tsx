/** Grey shapes in the final geometry while data is on its way. They must not be read out. */

export function Skeleton({ className = "h-4 w-32" }: { className?: string }) {
  return <span className={`skeleton block ${className}`} />;
}

/** Rows of a list card. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  return (
    <div className="card divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: fixed, identical rows
        <div key={index} className="flex items-center gap-3 px-4 py-3 compact:py-1">
          <Skeleton className="h-5 w-16 rounded-full" />
          <div className="flex grow flex-col gap-1.5">
            <Skeleton className="h-4 w-2/5" />
            <Skeleton className="h-3.5 w-1/4" />
          </div>
          <Skeleton className="h-4 w-14" />
        </div>
      ))}
    </div>
  );
}
