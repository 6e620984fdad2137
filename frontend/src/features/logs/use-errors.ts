/** Goes from error to error of a log. The server says where they are; it must not look at lines itself. */
import { useRef, useState } from "react";
import { toast, toastError } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import type { LogPane } from "@/lib/log/pane";
import { t } from "@/messages";
import type { BuildLog } from "./use-build-log";
import type { LogIndex } from "./use-log-index";
import type { Reach } from "./use-reach";

export interface ErrorControl {
  /** Goes to the next or the previous stretch of errors; after the last comes the first. */
  readonly step: (direction: 1 | -1) => Promise<void>;
  /** A sentence for screen readers. */
  readonly news: string;
}

export function useErrors(
  { snapshot }: BuildLog,
  index: LogIndex,
  pane: LogPane | null,
  reach: Reach,
): ErrorControl {
  const at = useRef(-1);
  const [news, setNews] = useState("");

  async function step(direction: 1 | -1): Promise<void> {
    try {
      const { errors } = await index.load();
      const lines = errors.map(({ line }) => line - 1).filter((line) => line < snapshot.state.total);
      const line = nextError(lines, at.current, direction);
      if (line === undefined) {
        const none = errors.length > 0 ? t.logs.noErrorsHere : t.logs.noErrors;
        setNews(none);
        return toast(none);
      }
      at.current = line;
      setNews(t.logs.errorAt(formatNumber(lines.indexOf(line) + 1), formatNumber(lines.length)));
      pane?.setCurrent(line);
      await reach.line(line);
    } catch (cause) {
      toastError(cause);
    }
  }
  return { step, news };
}

export function nextError(lines: readonly number[], at: number, direction: 1 | -1): number | undefined {
  if (direction === 1) return lines.find((line) => line > at) ?? lines[0];
  return lines.findLast((line) => line < at) ?? lines.at(-1);
}
