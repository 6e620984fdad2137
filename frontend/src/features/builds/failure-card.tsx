/** Why a build failed, first on its page: the step, the reason, what to do, the lines that say it. It must not load the log. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Build } from "@/api/types";
import { Icon } from "@/components/ui";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";
import { FailingSince } from "./failing-since";

export const hasFailed = ({ status }: Build): boolean => status === "failed" || status === "timed_out";

function failedStep(build: Build): { name: string; exitCode: number | null } | null {
  const step = build.step_results?.find(({ status }) => status === "failed");
  return step ? { name: step.name, exitCode: step.exit_code ?? build.exit_code ?? null } : null;
}

function wordsFor(build: Build): { title: string; fix: string } {
  const known = build.failure_reason && buildPage.failure.reasons[build.failure_reason];
  if (known) return known;
  return build.status === "timed_out" ? buildPage.failure.timedOut : buildPage.failure.unknown;
}

function titleOf(build: Build): string {
  const step = failedStep(build);
  return step && build.failure_reason === "step_failed"
    ? buildPage.failure.inStep(step.name)
    : wordsFor(build).title;
}

/** That a build failed, above its log; the rest stands in the summary. */
export function FailureLine({ build }: { build: Build }) {
  if (!hasFailed(build)) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-2 border-s-4 border-s-failed ps-3">
      <span className="min-w-0 wrap-anywhere">{titleOf(build)}</span>
      <Link
        to="/builds/$buildId"
        params={{ buildId: build.id }}
        search={{ view: "summary" }}
        className="tap text-accent underline underline-offset-2"
      >
        {buildPage.failure.title}
      </Link>
    </p>
  );
}

export function FailureCard({ build, excerpt }: { build: Build; excerpt: ReactNode }) {
  const step = failedStep(build);
  return (
    <section
      aria-labelledby="why-it-failed"
      className="flex flex-col gap-2 rounded border border-line border-s-4 border-s-failed bg-surface px-4 py-3"
    >
      <h2 id="why-it-failed" className="flex flex-wrap items-center gap-x-2 text-lg font-semibold">
        <Icon name="octagon" className="size-5 text-failed" />
        <span className="sr-only">{buildPage.failure.title}: </span>
        {titleOf(build)}
        {step?.exitCode != null && (
          <span className="text-base font-normal text-ink-2">{buildPage.failure.exit(step.exitCode)}</span>
        )}
      </h2>
      <FailingSince build={build} />
      {build.error_message && (
        <p className="font-medium break-words whitespace-pre-wrap">{build.error_message}</p>
      )}
      <p className="text-ink-2">{wordsFor(build).fix}</p>
      {build.tests && build.tests.failed > 0 && (
        <p>
          <Link
            to="/builds/$buildId"
            params={{ buildId: build.id }}
            search={{ view: "tests" }}
            className="tap font-medium text-accent underline underline-offset-2"
          >
            {t.builds.testsFailed(build.tests.failed)}
          </Link>
        </p>
      )}
      {excerpt}
    </section>
  );
}
