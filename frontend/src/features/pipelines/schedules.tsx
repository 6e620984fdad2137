/** When a pipeline starts by itself, and how the last start went. */
import { Link } from "@tanstack/react-router";
import type { PipelineDetail } from "@/api/types";
import { Section, TimeAgo } from "@/components/ui";
import { formatAbsolute } from "@/lib/format";
import { triggers as words } from "@/messages/en/triggers";
import { scheduleLine } from "./schedule-line";

export function Schedules({ schedules }: { schedules: PipelineDetail["schedules"] }) {
  if (schedules.length === 0) return null;
  return (
    <Section title={words.scheduled}>
      <ul aria-label={words.scheduled} className="card divide-y divide-line">
        {schedules.map((schedule) => (
          <li key={scheduleLine(schedule)} className="flex flex-col gap-0.5 px-4 py-2.5">
            <code className="font-mono text-sm break-all">{scheduleLine(schedule)}</code>
            <p className="text-sm text-ink-2">
              {`${words.scheduledNext}: ${formatAbsolute(schedule.next_at * 1000)}`}
            </p>
            {schedule.last_build_id && schedule.last_at && (
              <p className="text-sm">
                <Link
                  to="/builds/$buildId"
                  params={{ buildId: schedule.last_build_id }}
                  className="tap text-accent hover:underline"
                >
                  {words.scheduledLast}
                </Link>{" "}
                <TimeAgo at={schedule.last_at} className="text-ink-3" />
              </p>
            )}
            {schedule.last_error && <p className="text-sm break-words text-failed">{schedule.last_error}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
