/** Tables of settings: a head whose columns sort, and cells that leave room on phones. It must not sort by itself. */
import type { ReactNode } from "react";
import { Icon } from "@/components/ui";

export function Table({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    <div className="card">
      <table aria-label={label} className="w-full border-collapse text-start">
        <thead className="border-b border-line text-sm text-ink-3">
          <tr>{head}</tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  );
}

/** `wide` columns are left out on phones; what they say stands in the first cell there. */
const WIDE = "hidden md:table-cell";
const CELL = "px-3 py-2 text-start align-middle first:ps-4 last:pe-4";

type HeadProps = { children: ReactNode; show?: "always" | "wide" };

export function Head({ children, show = "always" }: HeadProps) {
  return (
    <th scope="col" className={`${CELL} font-medium ${show === "wide" ? WIDE : ""}`}>
      {children}
    </th>
  );
}

type SortProps = HeadProps & {
  name: string;
  /** The order in use, such as `email:asc`. */
  sort: string;
  onSort: (sort: string) => void;
};

export function SortHead({ children, show = "always", name, sort, onSort }: SortProps) {
  const [column, direction] = sort.split(":");
  const isOn = column === name;
  const order = direction === "asc" ? "ascending" : "descending";
  return (
    <th
      scope="col"
      aria-sort={isOn ? order : undefined}
      className={`${CELL} font-medium ${show === "wide" ? WIDE : ""}`}
    >
      <button
        type="button"
        onClick={() => onSort(`${name}:${isOn && direction === "asc" ? "desc" : "asc"}`)}
        className="target -ms-1.5 inline-flex items-center gap-1 rounded px-1.5 hover:bg-sunken hover:text-ink"
      >
        {children}
        <Icon
          name={isOn && direction === "desc" ? "down" : "up"}
          className={`size-3.5 ${isOn ? "" : "opacity-0"}`}
        />
      </button>
    </th>
  );
}

export function Cell({ children, show = "always" }: { children: ReactNode; show?: "always" | "wide" }) {
  return <td className={`${CELL} ${show === "wide" ? WIDE : ""}`}>{children}</td>;
}
