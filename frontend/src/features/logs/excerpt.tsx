/**
 * What the server makes of a failed build's log: a known cause with what helps, and the lines that say it, each a link
 * into the log. A guess: it must say where it is from.
 */
import { useQuery } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { Build, BuildFailure } from "@/api/types";
import { CopyButton } from "@/components/ui";
import { failureQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";
import type { LogPlace } from "@/lib/log/messages";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";
import { logAsMarkdown } from "./copied";

type Props = { build: Build; onPlace: (place: LogPlace) => void };

export function FailureExcerpt({ build, onPlace }: Props) {
  const { data, error, isPending } = useQuery(failureQuery(useRuntime(), build.id));
  if (isPending) return <p className="text-sm text-ink-2">{buildPage.failure.reading}</p>;
  if (error) return <p className="text-sm text-ink-2">{toApiError(error).message}</p>;
  if (!data) return null;
  return (
    <>
      {data.cause && (
        <p>
          <strong className="font-medium">{data.cause.title}.</strong>{" "}
          <span className="text-ink-2">{data.cause.hint}</span>
        </p>
      )}
      {data.excerpt.length > 0 && <Lines build={build} failure={data} onPlace={onPlace} />}
    </>
  );
}

function Lines({ build, failure, onPlace }: Props & { failure: BuildFailure }) {
  const numbers = failure.excerpt.map(({ step_line }) => step_line);
  const place = { step: failure.step ?? "", from: Math.min(...numbers), to: Math.max(...numbers) };
  const text = failure.excerpt.map((line) => line.text).join("\n");
  return (
    <figure className="flex flex-col gap-1">
      <figcaption className="flex items-center justify-between gap-2 text-sm text-ink-2">
        {buildPage.failure.lastLines}
        <CopyButton text={logAsMarkdown(build, place, text)} label={t.logs.copyMarkdown} />
      </figcaption>
      <ol className="overflow-hidden rounded border border-line bg-[var(--log-ground)] py-1 font-mono text-xs">
        {failure.excerpt.map(({ line, step_line, text, is_error }) => (
          <li key={line}>
            <button
              type="button"
              onClick={() => onPlace({ step: failure.step ?? "", from: step_line, to: step_line })}
              className="flex min-h-6 w-full gap-3 px-2 py-0.5 text-start hover:bg-sunken"
            >
              <span className="tabular w-10 shrink-0 text-end text-ink-3">
                <span className="sr-only">{buildPage.failure.toLine(step_line)}: </span>
                <span aria-hidden="true">{step_line}</span>
              </span>
              <span
                className={`min-w-0 break-words whitespace-pre-wrap text-ink ${is_error ? "font-semibold" : ""}`}
              >
                {text}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </figure>
  );
}
