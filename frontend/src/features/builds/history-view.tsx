/** The recorded changes of a build's state, oldest first. It must show every one, with who and why. */
import type { Build, BuildEvent, BuildStatus } from "@/api/types";
import { EmptyState, TimeAgo } from "@/components/ui";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";

const word = (status: string): string => t.builds.status[status as BuildStatus] ?? status;

/** A runner is known by its name, where the build tells it. */
function actorName(actor: string, { runner_id, context }: Build): string {
  const isOurRunner = runner_id && actor === `runner:${runner_id}`;
  return isOurRunner && context?.runner_name ? buildPage.history.runner(context.runner_name) : actor;
}

export function HistoryView({ build, events }: { build: Build; events: readonly BuildEvent[] }) {
  if (events.length === 0) return <EmptyState icon="clock" title={buildPage.history.empty} />;
  return (
    <ol aria-label={buildPage.page.history} className="card divide-y divide-line">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5">
          <span className="font-medium">
            {event.from_status
              ? buildPage.history.change(word(event.from_status), word(event.to_status))
              : word(event.to_status)}
          </span>
          {event.reason && <span className="min-w-0 text-ink-2">{event.reason}</span>}
          <span className="ms-auto flex flex-wrap gap-x-3 text-sm text-ink-3">
            {event.actor && <span>{buildPage.history.by(actorName(event.actor, build))}</span>}
            <TimeAgo at={event.created_at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
