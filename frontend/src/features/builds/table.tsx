/** The look that the tables of the timeline share. The view of tests, loaded later, has its own: a chunk for both costs a request. */
import type { ReactNode } from "react";

type Props = {
  /** What the table holds, for those who don't see the page around it. */
  label: string;
  /** Its columns. */
  head: ReactNode;
  foot?: ReactNode;
  /** Many columns scroll in a narrow window. */
  isWide?: boolean;
  children: ReactNode;
};

export function BuildTable({ label, head, foot, isWide = false, children }: Props) {
  return (
    <div className={isWide ? "card overflow-x-auto" : "card"}>
      <table className="w-full text-start">
        <caption className="sr-only">{label}</caption>
        <thead className="text-sm text-ink-2">
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
        {foot}
      </table>
    </div>
  );
}

type ColumnProps = { children: ReactNode; align?: "start" | "end"; className?: string };

export function Column({ children, align = "start", className = "px-4" }: ColumnProps) {
  return (
    <th
      scope="col"
      className={`py-2 font-medium ${align === "end" ? "text-end" : "text-start"} ${className}`}
    >
      {children}
    </th>
  );
}
