/** Importing people from CSV: the calls. It must not read the CSV; the server does. */
import type { ImportReport } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

export type ImportMode = "check" | "apply";

export async function importPeople(runtime: Runtime, csv: string, mode: ImportMode): Promise<ImportReport> {
  const answer = await runtime.api.fetch(`/v1/users/import?dry_run=${mode === "check"}`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: csv,
  });
  return answer.json();
}

/** How many accounts an import makes or changes: all that it says, or none if a line is wrong. */
export const changesOf = ({ invited, changed, errors }: ImportReport): number =>
  errors > 0 ? 0 : invited + changed;
