/** Says which part of a log is held. Of a log that is held as a whole it must not be asked. */
import { formatNumber } from "@/lib/format";
import type { LogState } from "@/lib/log/messages";
import { logParts as t } from "@/messages/en/log-parts";

export function partWords({ first, lines, total, until }: LogState): string {
  return until === null
    ? t.last(formatNumber(lines - first), formatNumber(total))
    : t.between(formatNumber(first + 1), formatNumber(lines), formatNumber(total));
}
