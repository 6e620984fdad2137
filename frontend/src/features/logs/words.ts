/** The catalogue's words in the shape that the log's rows want them. */
import { formatBytes, formatClock, formatNumber } from "@/lib/format";
import type { RowWords } from "@/lib/log/row";
import { t } from "@/messages";

export const rowWords: RowWords = {
  lineLabel: t.logs.line,
  cutNote: (bytes) => t.logs.cut(formatBytes(bytes)),
  time: formatClock,
  stepStatus: (status) => t.logs.stepStatus[status],
  stepLines: (lines) => t.logs.lines(lines, formatNumber(lines)),
};
