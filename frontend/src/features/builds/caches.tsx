/** What a build found in the caches of its runner, and what it left there for the next one. */
import type { Build } from "@/api/types";
import { Bytes, Duration, Section } from "@/components/ui";
import { buildPage } from "@/messages/en/build-page";

type Cache = NonNullable<Build["caches"]>[number];

export function Caches({ caches }: { caches: readonly Cache[] }) {
  const words = buildPage.caches;
  return (
    <Section title={words.title}>
      <div className="card overflow-x-auto">
        <table className="w-full text-start">
          <caption className="sr-only">{words.title}</caption>
          <thead className="text-sm text-ink-2">
            <tr>
              <th scope="col" className="px-4 py-2 text-start font-medium">
                {words.name}
              </th>
              <th scope="col" className="px-2 py-2 text-start font-medium">
                {words.found}
              </th>
              <th scope="col" className="px-2 py-2 text-end font-medium">
                {words.restored}
              </th>
              <th scope="col" className="px-2 py-2 text-end font-medium">
                {words.took}
              </th>
              <th scope="col" className="px-4 py-2 text-end font-medium">
                {words.saved}
              </th>
            </tr>
          </thead>
          <tbody>
            {caches.map((cache) => (
              <Row key={cache.name} cache={cache} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Row({ cache }: { cache: Cache }) {
  const words = buildPage.caches;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-4 py-2 text-start font-mono text-sm font-normal break-all">
        {cache.name}
      </th>
      <td className="px-2 py-2">{words.outcome[cache.outcome]}</td>
      <td className="px-2 py-2 text-end whitespace-nowrap">
        {cache.bytes > 0 ? <Bytes value={cache.bytes} /> : <span className="text-ink-3">{words.none}</span>}
      </td>
      <td className="px-2 py-2 text-end whitespace-nowrap">
        <Duration ms={cache.duration_ms} />
      </td>
      <td className="px-4 py-2 text-end whitespace-nowrap">
        {cache.saved_bytes ? (
          <Bytes value={cache.saved_bytes} />
        ) : (
          <span className="text-ink-3">{words.none}</span>
        )}
      </td>
    </tr>
  );
}
