/** A time of a schedule as it is edited and shown: five fields of cron, then maybe a time zone and a branch. */
import type { Schedule } from "@/api/types";

const CRON_FIELDS = 5;

/** A time of the schedule as it is edited. */
export function scheduleLine({ cron, timezone, branch }: Schedule): string {
  const zone = timezone ?? (branch ? "UTC" : undefined);
  return [cron, zone, branch].filter(Boolean).join(" ");
}

export function toSchedule(line: string): Schedule {
  const words = line.split(/\s+/);
  const [timezone, branch] = words.slice(CRON_FIELDS);
  return { cron: words.slice(0, CRON_FIELDS).join(" "), timezone, branch };
}
