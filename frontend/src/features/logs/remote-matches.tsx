/** Matches in the parts of a log that this page does not hold: the server finds them. It must not search what is held. */

import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { LogMatch } from "@/api/types";
import { Button } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import type { ServerQuery } from "@/lib/log/query";
import { t } from "@/messages";
import { logParts as words } from "@/messages/en/log-parts";

/** Lines over the whole log, from 0: [first, end); without an end up to the log's. */
type Held = { first: number; end: number | null };

type Props = { buildId: string; query: ServerQuery; held: Held; onMatch: (line: number) => void };

export default function RemoteMatches({ buildId, query, held, onMatch }: Props): ReactNode {
  const runtime = useRuntime();
  const search = useInfiniteQuery({
    queryKey: runtime.key("log-search", buildId, query),
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      runtime.api.get("/v1/builds/{build_id}/logs/search", {
        path: { build_id: buildId },
        query: { ...query, after: pageParam },
        signal,
      }),
    getNextPageParam: ({ next_after }) => (next_after == null ? null : beyond(next_after, held)),
    staleTime: 60_000,
  });
  const found = search.data?.pages.flatMap((page) => page.matches) ?? [];
  const matches = found.filter(({ line }) => line <= held.first || (held.end !== null && line > held.end));
  return (
    <section aria-label={words.remote.title} className="card flex flex-col gap-2 px-4 py-3">
      <h2 className="font-medium">{words.remote.title}</h2>
      <p role="status" className="text-sm text-ink-2">
        {search.isFetching && words.searching}
        {search.error?.message}
        {!search.isFetching &&
          !search.error &&
          words.remote.count(matches.length, formatNumber(matches.length))}
      </p>
      {matches.length > 0 && (
        <ol className="max-h-72 overflow-y-auto font-mono text-xs" aria-label={words.remote.title}>
          {matches.map((match) => (
            <li key={match.line}>
              <button
                type="button"
                onClick={() => onMatch(match.line - 1)}
                className="target flex w-full gap-3 rounded px-1 py-0.5 text-start hover:bg-sunken"
              >
                <span className="tabular shrink-0 text-ink-3">{placeOf(match)}</span>
                <span className="min-w-0 break-words whitespace-pre-wrap">{marked(match)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {search.error && (
        <Button icon="rerun" onClick={() => void search.refetch()}>
          {t.action.retry}
        </Button>
      )}
      {search.hasNextPage && (
        <Button pending={search.isFetching} onClick={() => void search.fetchNextPage()}>
          {words.remote.more}
        </Button>
      )}
    </section>
  );
}

/** What is held was searched here already. */
const beyond = (after: number, { first, end }: Held): number | null =>
  after >= first && (end === null || after < end) ? end : after;

const placeOf = ({ step, step_line }: LogMatch): string =>
  step === "" ? formatNumber(step_line) : `${step}:${formatNumber(step_line)}`;

/** Ranges count characters, not the units of JavaScript's strings. */
function marked({ excerpt, ranges }: LogMatch) {
  const characters = [...excerpt];
  const between = (from: number, to?: number) => characters.slice(from, to).join("");
  let end = 0;
  const parts = ranges.map(({ from, to }) => {
    const before = between(end, from);
    end = to;
    return (
      <span key={from}>
        {before}
        <mark>{between(from, to)}</mark>
      </span>
    );
  });
  return (
    <>
      {parts}
      {between(end)}
    </>
  );
}
