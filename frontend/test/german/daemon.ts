/** A fake daemon with something on every page, whose names are no words of the catalogue. For tests only. */
import { daemonWith, redBuild } from "../fake/builds.ts";
import type { FakeDaemon } from "../fake/daemon.ts";
import { aBuild, aPipeline } from "../fake/data.ts";
import { FakeOperations } from "../fake/operations.ts";
import { FakeTeam } from "../fake/people.ts";
import { aGitLab, FakeHosts } from "../fake/sources.ts";

const context = { project_name: "Laden", pipeline_name: "Nachtbau" };

export function fullDaemon(path: string): FakeDaemon {
  return Object.assign(daemonOf(path), { pipelines: [aPipeline({ name: "Nachtbau" })] });
}

function daemonOf(path: string): FakeDaemon {
  if (/integrations|deliveries/.test(path)) return Object.assign(new FakeHosts(), { sources: [aGitLab()] });
  if (/storage|retention|notifications|settings\b/.test(path)) return new FakeOperations();
  if (/users|members|audit|access|general|me\b/.test(path)) return new FakeTeam();
  return daemonWith([{ ...redBuild(), context }, aBuild({ id: "b2", build_number: 8, context })]);
}
