/** What a build found in the caches of its runner, and what it left there for the next one. */
import type { Build } from "@/api/types";
import { Bytes, Duration, Section } from "@/components/ui";
import { buildDetails } from "@/messages/en/build-details";
import { BuildTable, Column } from "./table";

type Cache = NonNullable<Build["caches"]>[number];

export function Caches({ caches }: { caches: readonly Cache[] }) {
  const words = buildDetails.caches;
  return (
    <Section title={words.title}>
      <BuildTable
        isWide
        label={words.title}
        head={
          <>
            <Column>{words.name}</Column>
            <Column className="px-2">{words.found}</Column>
            <Column align="end" className="px-2">
              {words.restored}
            </Column>
            <Column align="end" className="px-2">
              {words.took}
            </Column>
            <Column align="end">{words.saved}</Column>
          </>
        }
      >
        {caches.map((cache) => (
          <Row key={cache.name} cache={cache} />
        ))}
      </BuildTable>
    </Section>
  );
}

function Row({ cache }: { cache: Cache }) {
  const words = buildDetails.caches;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-4 py-2 text-start font-mono text-sm font-normal break-all">
        {cache.name}
      </th>
      <td className="px-2 py-2">{words.outcome[cache.outcome]}</td>
      <td className="px-2 py-2 text-end whitespace-nowrap">
        <Size bytes={cache.bytes} />
      </td>
      <td className="px-2 py-2 text-end whitespace-nowrap">
        <Duration ms={cache.duration_ms} />
      </td>
      <td className="px-4 py-2 text-end whitespace-nowrap">
        <Size bytes={cache.saved_bytes} />
      </td>
    </tr>
  );
}

function Size({ bytes }: { bytes: number | null | undefined }) {
  return bytes ? <Bytes value={bytes} /> : <span className="text-ink-3">{buildDetails.caches.none}</span>;
}
