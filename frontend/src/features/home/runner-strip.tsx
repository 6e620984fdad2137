/** The runners in one line each: what they do and how much room they have. */
import { Link } from "@tanstack/react-router";
import type { HomeRunner } from "@/api/types";
import { RunnerBadge } from "@/components/ui";
import { formatBytes } from "@/lib/format";
import { t } from "@/messages";

const words = t.home.runner;

export function RunnerStrip({ runners }: { runners: readonly HomeRunner[] }) {
  if (runners.length === 0) return <p className="text-ink-3">{words.none}</p>;
  return (
    <ul aria-label={words.title} className="card divide-y divide-line">
      {runners.map(({ id, name, status, slots, busy_slots, figures }) => (
        <li
          key={id}
          className="relative flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-sunken"
        >
          <RunnerBadge status={status} />
          <Link
            to="/runners/$runnerId"
            params={{ runnerId: id }}
            data-row=""
            className="tap min-w-0 grow font-medium break-words after:absolute after:inset-0 hover:underline"
          >
            {name}
          </Link>
          <span className="tabular text-sm text-ink-2">
            {slots > 1 && `${words.slots(busy_slots, slots)} · `}
            {figures && words.free(formatBytes(figures.disk_free_bytes))}
          </span>
        </li>
      ))}
    </ul>
  );
}
