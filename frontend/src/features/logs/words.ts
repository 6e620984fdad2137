/** The catalogue's words in the shape that the log's rows want them. */
import { formatBytes, formatNumber } from "@/lib/format";
import type { RowWords } from "@/lib/log/row";
import { t } from "@/messages";

/** Eight columns in every language: the rows keep room for no more. */
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const rowWords: RowWords = {
  lineLabel: t.logs.line,
  cutNote: (bytes) => t.logs.cut(formatBytes(bytes)),
  time: (ms) => clock.format(ms),
  stepStatus: (status) => t.logs.stepStatus[status],
  stepLines: (lines) => t.logs.lines(lines, formatNumber(lines)),
};
