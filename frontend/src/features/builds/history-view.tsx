/** The recorded changes of a build's state, oldest first. It must show every one, with who and why. */
import type { BuildEvent, BuildStatus } from "@/api/types";
import { EmptyState, TimeAgo } from "@/components/ui";
import { t } from "@/messages";

const word = (status: string): string => t.builds.status[status as BuildStatus] ?? status;

export function HistoryView({ events }: { events: readonly BuildEvent[] }) {
  if (events.length === 0) return <EmptyState icon="clock" title={t.builds.history.empty} />;
  return (
    <ol aria-label={t.builds.page.history} className="card divide-y divide-line">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5">
          <span className="font-medium">
            {event.from_status
              ? t.builds.history.change(word(event.from_status), word(event.to_status))
              : word(event.to_status)}
          </span>
          {event.reason && <span className="min-w-0 text-ink-2">{event.reason}</span>}
          <span className="ms-auto flex flex-wrap gap-x-3 text-sm text-ink-3">
            {event.actor && <span>{t.builds.history.by(event.actor)}</span>}
            <TimeAgo at={event.created_at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
