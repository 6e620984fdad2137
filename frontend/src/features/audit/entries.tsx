/** Entries of the audit log: a line each that opens to what was recorded. It must show values as text only. */
import type { AuditEntry } from "@/api/types";
import { Icon, TimeAgo } from "@/components/ui";
import { formatAbsolute } from "@/lib/format";
import { audit as words } from "@/messages/en/audit";
import { detailsOf, objectName } from "./details";
import { actName, resourceName } from "./names";

export function AuditEntries({ entries }: { entries: AuditEntry[] }) {
  return (
    <ul aria-label={words.title} className="card divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.id}>
          <details className="group">
            <summary className="target flex cursor-pointer list-none flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-2 hover:bg-canvas">
              <Icon name="chevron" className="size-3.5 text-ink-3 group-open:rotate-90" />
              <span className="min-w-0 grow basis-40">
                <span className="font-medium">{actName(entry.action)}</span>
                <ObjectName entry={entry} />
                <span className="block text-sm break-all text-ink-3">
                  {entry.actor_email ?? words.nobody}
                  <span className="sm:hidden">
                    {" · "}
                    <TimeAgo at={entry.created_at} />
                  </span>
                </span>
              </span>
              <span className="hidden text-sm text-ink-2 sm:inline">{resourceName(entry.resource_type)}</span>
              <TimeAgo at={entry.created_at} className="hidden w-24 text-end text-sm text-ink-3 sm:inline" />
            </summary>
            <Opened entry={entry} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function ObjectName({ entry }: { entry: AuditEntry }) {
  const name = objectName(entry.details);
  return name && <span className="ms-2 break-all text-ink-2">{name}</span>;
}

function Opened({ entry }: { entry: AuditEntry }) {
  const { changes, facts } = detailsOf(entry.details);
  return (
    <div className="flex flex-col gap-3 border-t border-line bg-canvas px-4 py-3 sm:ps-12">
      {changes.length > 0 && (
        <table className="w-full max-w-2xl text-start">
          <thead className="text-sm text-ink-3">
            <tr>
              <th scope="col" className="pe-4 text-start font-medium">
                {words.field}
              </th>
              <th scope="col" className="pe-4 text-start font-medium">
                {words.before}
              </th>
              <th scope="col" className="text-start font-medium">
                {words.after}
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr key={change.field}>
                <th scope="row" className="pe-4 text-start font-normal">
                  {change.field || words.value}
                </th>
                <td className="pe-4 break-all">{change.before}</td>
                <td className="font-medium break-all">{change.after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className="grid max-w-2xl gap-x-4 gap-y-1 sm:grid-cols-[11rem_1fr]">
        {facts.map(({ name, value }) => (
          <Pair key={name} name={name} value={value} />
        ))}
        <Pair name={words.entry} value={String(entry.id)} />
        <Pair name={words.when} value={formatAbsolute(entry.created_at * 1000)} />
        {entry.peer && <Pair name={words.fromWhere} value={entry.peer} />}
        {entry.resource_id && <Pair name={words.object} value={entry.resource_id} />}
      </dl>
    </div>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-all">{value}</dd>
    </>
  );
}
