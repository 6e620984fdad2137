/** The small facts of a build that rows and the build page share: where, which commit, why, how long. */
import { Link } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { Badge, Duration, Icon, isActive, RunningDuration } from "@/components/ui";
import { shortSha } from "@/lib/format";
import { platformName } from "@/lib/platform";
import { t } from "@/messages";

export function subjectOf(build: Build): string {
  return build.commit_subject || (build.commit_sha ? shortSha(build.commit_sha) : t.builds.noSubject);
}

export function triggerText(build: Build): string {
  const kind =
    (build.trigger_event && t.builds.events[build.trigger_event]) || t.builds.trigger[build.trigger_type];
  return build.trigger_actor ? t.builds.triggeredBy(kind, build.trigger_actor) : kind;
}

/** The values that a build of a matrix has: "prod · android". */
export function combinationText(matrix: Build["matrix"]): string {
  return Object.values(matrix ?? {}).join(" · ");
}

/** Project and pipeline, each a link. */
export function BuildPlace({ build }: { build: Build }) {
  const { project_name, pipeline_name } = build.context ?? {};
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-1">
      <Link
        to="/projects/$projectId"
        params={{ projectId: build.project_id }}
        className="tap min-w-0 underline-offset-2 hover:text-ink hover:underline"
      >
        {project_name ?? t.projects.one}
      </Link>
      <span aria-hidden="true">/</span>
      <span className="min-w-0">{pipeline_name ?? t.builds.list.pipeline}</span>
    </span>
  );
}

export function BuildRef({ build }: { build: Build }) {
  return (
    <>
      {build.branch && (
        <span className="inline-flex min-w-0 items-center gap-1">
          <Icon name="branch" className="size-3.5" />
          <span className="min-w-0 break-all">{build.branch}</span>
        </span>
      )}
      {build.commit_sha && <code className="font-mono text-xs">{shortSha(build.commit_sha)}</code>}
    </>
  );
}

/** Who made its commit. Narrow rows show the letters only; the name is read out in all. */
export function BuildAuthor({ name }: { name: string }) {
  return (
    <span title={name} className="inline-flex min-w-0 items-center gap-1.5">
      <span
        aria-hidden="true"
        className="grid size-5 shrink-0 place-items-center rounded-full border border-line text-[0.625rem] uppercase"
      >
        {initialsOf(name)}
      </span>
      <span className="truncate @max-[41rem]:sr-only">{name}</span>
    </span>
  );
}

/** Those of the first and of the last name. */
function initialsOf(name: string): string {
  const [first = "", ...rest] = name.trim().split(/\s+/);
  return [first, rest.at(-1) ?? ""].map((word) => [...word][0] ?? "").join("");
}

/** What it is for, unless its combination says so. */
export function BuildPlatforms({ build: { platforms, matrix } }: { build: Build }) {
  const said = Object.values(matrix ?? {});
  const names = platforms.filter((platform) => !said.includes(platform)).map(platformName);
  return names.length > 0 && <span className="whitespace-nowrap">{names.join(", ")}</span>;
}

/** While its runner is silent nobody knows how a build goes. */
export function Unreachable({ build }: { build: Build }) {
  if (!build.unreachable) return null;
  return (
    <Badge tone="warning" icon="alert">
      {t.builds.unreachable}
    </Badge>
  );
}

/** How many failed, else how many there are. */
export function TestCount({ tests }: { tests: NonNullable<Build["tests"]> }) {
  const { passed, failed, skipped } = tests;
  if (failed > 0) return <span className="text-failed">{t.builds.testsFailed(failed)}</span>;
  return <span>{t.builds.tests(passed + skipped)}</span>;
}

/** "waited 2 s · ran 1 min 04 s", ticking where it still goes on. */
export function BuildTimes({ build }: { build: Build }) {
  const waitMs = build.wait_ms ?? (build.started_at ? (build.started_at - build.queued_at) * 1000 : null);
  const runMs =
    build.run_ms ??
    (build.started_at && build.finished_at ? (build.finished_at - build.started_at) * 1000 : null);
  const isRunning = isActive(build.status) && build.started_at;
  const isWaiting = isActive(build.status) && !build.started_at;
  return (
    <span className="inline-flex flex-wrap gap-x-1.5 [&>*+*]:before:content-['·_'] [&>*+*]:before:text-ink-3">
      {isWaiting && (
        <span>
          {t.builds.waiting} <RunningDuration since={build.queued_at} />
        </span>
      )}
      {!isWaiting && waitMs !== null && waitMs >= 1000 && (
        <span>
          {t.builds.waited} <Duration ms={waitMs} />
        </span>
      )}
      {isRunning && build.started_at && (
        <span>
          {t.builds.running} <RunningDuration since={build.started_at} />
        </span>
      )}
      {!isRunning && runMs !== null && (
        <span>
          {t.builds.ran} <Duration ms={runMs} />
        </span>
      )}
    </span>
  );
}
