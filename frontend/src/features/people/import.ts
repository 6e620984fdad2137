/** Importing people from CSV: the wire's shapes and the calls. It must not read the CSV; the server does. */
import type { Runtime } from "@/lib/instances/runtime";

export type ImportOutcome = "invite" | "exists" | "change_role" | "error";
export type ImportRow = {
  line: number;
  email: string;
  role: string;
  outcome: ImportOutcome;
  message?: string;
};
export type ImportResult = {
  rows: ImportRow[];
  invited: number;
  changed: number;
  unchanged: number;
  errors: number;
};
export type ImportMode = "check" | "apply";

export async function importPeople(runtime: Runtime, csv: string, mode: ImportMode): Promise<ImportResult> {
  const answer = await runtime.api.fetch(`/v1/users/import?dry_run=${mode === "check"}`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: csv,
  });
  return answer.json();
}

/** How many accounts an import makes or changes. */
export const changesOf = ({ invited, changed }: ImportResult): number => invited + changed;
