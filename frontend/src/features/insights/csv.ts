/** A table as a file that spreadsheets read. What could be read as a formula is made text. */
import { saveBlob } from "@/lib/download";

export type Cell = string | number | null;

export function saveCsv(name: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = csvOf(head, rows);
  saveBlob(new Blob([text], { type: "text/csv" }), `${name.toLowerCase().replaceAll(" ", "-")}.csv`);
}

export function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(escaped).join(",")}\r\n`).join("");
}

function escaped(cell: Cell): string {
  if (cell === null) return "";
  const text = typeof cell === "string" && /^[=+\-@\t]/.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
