/** A table of figures: the first column names the row, the others are numbers. Many columns scroll in a narrow window. */
import { Link, type LinkProps } from "@tanstack/react-router";

export type Row = { key: string; head: string; detail?: string; to?: LinkProps; cells: readonly string[] };

type Props = { label: string; columns: readonly string[]; rows: readonly Row[] };

export function DataTable({ label, columns, rows }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, and the section around it is the landmark
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className="card max-h-96 overflow-auto"
    >
      <table className="w-full text-start">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 bg-surface text-sm text-ink-2">
          <tr>
            {columns.map((column, at) => (
              <th
                key={column}
                scope="col"
                className={`px-3 py-2 font-medium first:ps-4 last:pe-4 ${at === 0 ? "text-start" : "text-end"}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, head, detail, to, cells }) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="min-w-36 px-3 py-1.5 ps-4 text-start font-normal">
                {to ? (
                  <Link {...to} className="tap break-words text-accent underline underline-offset-2">
                    {head}
                  </Link>
                ) : (
                  <span className="break-words">{head}</span>
                )}
                {detail && <span className="block text-sm break-words text-ink-3">{detail}</span>}
              </th>
              {cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have nothing but their place
                <td key={at} className="tabular px-3 py-1.5 text-end whitespace-nowrap last:pe-4">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
