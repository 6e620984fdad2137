/** The catalogue's words in the shape that the log's rows want them. */
import { formatBytes, formatNumber } from "@/lib/format";
import type { LogState } from "@/lib/log/messages";
import type { RowWords } from "@/lib/log/row";
import { t } from "@/messages";

/** "+0:05", "+1:02:03". */
function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return `+${shown.map((part, index) => (index === 0 ? part : String(part).padStart(2, "0"))).join(":")}`;
}

/** Eight columns in every language: the rows keep room for no more. */
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const rowWords: RowWords = {
  lineLabel: t.logs.line,
  cutNote: (bytes) => t.logs.cut(formatBytes(bytes)),
  time: (ms) => clock.format(ms),
  since: elapsed,
  stepStatus: (status) => t.logs.stepStatus[status],
  stepLines: (lines) => t.logs.lines(lines, formatNumber(lines)),
};

/** Whether the log is too large to be held as a whole. */
export const isPart = ({ first, until }: LogState): boolean => first > 0 || until !== null;
