/** The recorded changes of a build's state, oldest first, under its timeline. It must show every one, with who and why. */
import { useQuery } from "@tanstack/react-query";
import type { Build, BuildEvent, BuildStatus } from "@/api/types";
import { Section, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { runnersQuery } from "@/lib/queries";
import { t } from "@/messages";
import { buildDetails } from "@/messages/en/build-details";

const word = (status: string): string => t.builds.status[status as BuildStatus] ?? status;

/** What a runner's id is called; a build that is over does not name its runner any more. */
function useActorName(build: Build): (actor: string) => string {
  const isAllowed = useCan()("runners.read");
  const { data } = useQuery({ ...runnersQuery(useRuntime()), enabled: isAllowed });
  const names = new Map(data?.runners.map(({ id, name }) => [`runner:${id}`, name]));
  const { runner_id, context } = build;
  if (runner_id && context?.runner_name) names.set(`runner:${runner_id}`, context.runner_name);
  return (actor) => {
    const name = names.get(actor);
    return name ? buildDetails.history.runner(name) : actor;
  };
}

export function History({ build, events }: { build: Build; events: readonly BuildEvent[] }) {
  const nameOf = useActorName(build);
  return (
    <Section title={buildDetails.history.title}>
      {events.length === 0 ? (
        <p className="text-ink-2">{buildDetails.history.empty}</p>
      ) : (
        <Events events={events} nameOf={nameOf} />
      )}
    </Section>
  );
}

type EventsProps = { events: readonly BuildEvent[]; nameOf: (actor: string) => string };

function Events({ events, nameOf }: EventsProps) {
  return (
    <ol aria-label={buildDetails.history.title} className="card divide-y divide-line">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5">
          <span className="font-medium">
            {event.from_status
              ? buildDetails.history.change(word(event.from_status), word(event.to_status))
              : word(event.to_status)}
          </span>
          {event.reason && <span className="min-w-0 text-ink-2">{event.reason}</span>}
          <span className="ms-auto flex flex-wrap gap-x-3 text-sm text-ink-3">
            {event.actor && <span>{buildDetails.history.by(nameOf(event.actor))}</span>}
            <TimeAgo at={event.created_at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
