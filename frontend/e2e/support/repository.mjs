/** Real git repositories with an .oore.yaml, made below the journey's own folder. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const IDENTITY = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"];

const git = (folder, ...args) => execFileSync("git", [...IDENTITY, ...args], { cwd: folder, stdio: "pipe" });

/** `files` by path; answers the folder. */
export function makeRepository(root, name, subject, files) {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  commit(folder, subject, files);
  return folder;
}

export function commit(folder, subject, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", subject);
}

export function branch(folder, name, subject, files) {
  git(folder, "checkout", "-q", "-b", name);
  commit(folder, subject, files);
  git(folder, "checkout", "-q", "main");
}

/** Commands in single quotes, so that YAML leaves them alone. */
export function pipelineFile(build, patterns = ["out/*"]) {
  const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
  return [
    "version: 1",
    "platforms: [android]",
    "commands:",
    "  build:",
    ...build.map((command) => `    - ${quoted(command)}`),
    "artifacts:",
    "  patterns:",
    ...patterns.map((pattern) => `    - ${quoted(pattern)}`),
    "",
  ].join("\n");
}
