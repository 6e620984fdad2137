/** The lines of a failed step that most likely say why, each a link into the log. A guess: it must say where it is from. */
import { useEffect, useState } from "react";
import type { ExcerptLine } from "@/lib/log/excerpt";
import type { LogPlace } from "@/lib/log/messages";
import { t } from "@/messages";
import type { BuildLog } from "./use-build-log";

type Props = { log: BuildLog; step: string | null; onPlace: (place: LogPlace) => void };

export function FailureExcerpt({ log, step, onPlace }: Props) {
  const { session, snapshot } = log;
  const [lines, setLines] = useState<readonly ExcerptLine[] | null>(null);
  const { steps } = snapshot.state;
  const failed =
    (step && steps.find(({ name }) => name === step)) ||
    steps.find(({ status }) => status === "failed") ||
    steps.at(-1);
  const index = failed?.index ?? 0;
  const isComplete = snapshot.phase === "ended";
  useEffect(() => {
    if (!isComplete) return;
    let isCurrent = true;
    void session.worker?.ask({ ask: "excerpt", step: index }).then((found) => isCurrent && setLines(found));
    return () => {
      isCurrent = false;
    };
  }, [session, index, isComplete]);
  if (snapshot.phase === "removed" || snapshot.phase === "failed") return null;
  if (lines === null) return <p className="text-sm text-ink-2">{t.builds.failure.reading}</p>;
  if (lines.length === 0) return null;
  return (
    <figure className="flex flex-col gap-1">
      <figcaption className="text-sm text-ink-2">{t.builds.failure.lastLines}</figcaption>
      <ol className="overflow-hidden rounded border border-line bg-[var(--log-ground)] py-1 font-mono text-xs">
        {lines.map(({ line, text }) => {
          const number = line - (failed?.firstLine ?? 0) + 1;
          return (
            <li key={line}>
              <button
                type="button"
                onClick={() => onPlace({ step: failed?.name ?? "", from: number, to: number })}
                className="flex min-h-6 w-full gap-3 px-2 py-0.5 text-start hover:bg-sunken"
              >
                <span className="tabular w-10 shrink-0 text-end text-ink-3">
                  <span className="sr-only">{t.builds.failure.toLine(number)}: </span>
                  <span aria-hidden="true">{number}</span>
                </span>
                <span className="min-w-0 break-words whitespace-pre-wrap text-ink">{text}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
