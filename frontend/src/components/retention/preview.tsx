/** What rules would remove if they acted now, asked of the server as they are typed. Nothing is saved or removed by it. */
import { keepPreviousData, type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { RetentionPreview } from "@/api/types";
import { Bytes, FormError } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { formatBytes, formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { retention } from "@/messages/en/retention";

const words = retention.preview;
const TYPING_MS = 400;
/** What is shown already is not asked again. */
const FRESH_MS = 10_000;

/**
 * `body` null: what is typed can't be asked. `query` follows the typing; `of` answers for exactly what it is given, which is
 * what whoever saves has to know.
 */
export function usePreview<B>(scope: string, body: B | null, ask: (body: B) => Promise<RetentionPreview>) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const asked = useDebounced(JSON.stringify(body), TYPING_MS);
  const optionsOf = (asked: string) => ({
    queryKey: runtime.key("retention", "preview", scope, asked),
    queryFn: () => ask(JSON.parse(asked) as B),
  });
  const query = useQuery({
    ...optionsOf(asked),
    enabled: asked !== "null",
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
  const of = (body: B) => cache.fetchQuery({ ...optionsOf(JSON.stringify(body)), staleTime: FRESH_MS });
  return { query, of };
}

const many = (count: number) => words.builds(count, formatNumber(count));

/** The whole of it in one sentence. */
export function whatGoes({ builds, builds_deleted, bytes }: RetentionPreview): string {
  const size = formatBytes(bytes);
  if (builds === 0) return words.nothing;
  if (builds_deleted === 0) return words.strips(many(builds), size);
  if (builds_deleted === builds) return words.deletes(many(builds), size);
  return words.both(many(builds_deleted), many(builds - builds_deleted), size);
}

type Props = { query: UseQueryResult<RetentionPreview>; isOff: boolean };

export function RetentionPreviewCard({ query, isOff }: Props) {
  return (
    <section aria-label={words.title} className="flex flex-col gap-2 rounded bg-sunken px-3 py-2.5">
      <p className="text-sm font-medium text-ink-3">{words.title}</p>
      <div aria-live="polite" aria-busy={query.isFetching}>
        {isOff ? <p>{words.off}</p> : <Found query={query} />}
      </div>
    </section>
  );
}

function Found({ query: { data, error } }: { query: UseQueryResult<RetentionPreview> }) {
  if (error) return <FormError error={toApiError(error)} />;
  if (!data) return <p className="text-ink-2">{words.looking}</p>;
  return (
    <div className="flex flex-col gap-1">
      <p className={`font-medium ${data.builds > 0 ? "text-failed" : ""}`}>{whatGoes(data)}</p>
      <p className="text-sm text-ink-2">{words.ofStored(formatBytes(data.stored_bytes))}</p>
      {data.rules.length > 0 && (
        <ul aria-label={words.byRule} className="flex flex-col text-sm text-ink-2">
          {data.rules.map(({ rule, builds, bytes }) => (
            <li key={rule}>
              {words.rules[rule]}: {many(builds)}, <Bytes value={bytes} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
