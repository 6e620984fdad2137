/**
 * Deliveries as rows of the database, since only a code host that is connected can deliver: for the pages that show them.
 * Their payloads are not kept. bun reads SQLite; node 20 does not.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

const SCRIPT = `
import { Database } from "bun:sqlite";
const [file, text] = process.argv.slice(-2);
const db = new Database(file);
db.exec("PRAGMA busy_timeout = 5000");
for (const [sql, values] of JSON.parse(text)) db.query(sql).run(...values);
`;

const COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
let last = 0;

/** Ids sort by the time they were made, as the daemon's do. */
function newId() {
  last = Math.max(Date.now(), last + 1);
  const time = last.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

export function deliver(daemon, { event, ref = null, verdict, outcome, reason }) {
  const id = newId();
  const integration = "01900000-0000-7000-8000-000000000001";
  const now = Date.now();
  const rows = [
    [
      "INSERT OR IGNORE INTO integrations (id, provider, host_url, auth_mode, status, display_name, created_by, created_at, updated_at) VALUES (?, 'github', 'https://github.com', 'github_app', 'active', 'Acme', 'ana', 1, 1)",
      [integration],
    ],
    [
      "INSERT INTO webhook_deliveries (id, integration_id, external_id, event, repository_name, ref, commit_sha, sender, body_bytes, body_hash, status, outcome, reason, attempts, due_at_ms, received_at_ms, finished_at_ms) VALUES (?, ?, ?, ?, 'acme/app', ?, ?, 'ana', 7324, ?, ?, ?, ?, 1, ?, ?, ?)",
      [
        id,
        integration,
        id,
        event,
        ref,
        ref && COMMIT,
        id,
        outcome === "failed" ? "failed" : "done",
        outcome,
        verdict ? null : reason,
        now,
        now,
        now,
      ],
    ],
  ];
  if (verdict) {
    const values = [id, verdict.pipeline, verdict.project, outcome, reason];
    rows.push([
      "INSERT INTO webhook_verdicts (delivery_id, pipeline_id, project_id, outcome, reason) VALUES (?, ?, ?, ?, ?)",
      values,
    ]);
  }
  execFileSync("bun", ["-e", SCRIPT, join(daemon.data, "oore.db"), JSON.stringify(rows)]);
}
