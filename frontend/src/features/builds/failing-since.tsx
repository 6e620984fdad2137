/** Since when builds like a failed one fail, and what they are compared with. It must not say more than the server looked at. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Build, EarlierBuild } from "@/api/types";
import { failureQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";

const words = buildPage.failure;
const LINK = "tap text-accent underline underline-offset-2";

export function FailingSince({ build }: { build: Build }) {
  const { data } = useQuery(failureQuery(useRuntime(), build.id));
  if (!data) return null;
  const { failures_before: count, first_failed: first, last_passed: passed } = data;
  if (!first && !passed) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {first ? (
        <span>
          {words.since} <BuildLink build={first} />, {words.ago(count)}
        </span>
      ) : (
        <span>{words.first}</span>
      )}
      {passed ? (
        <>
          <span>
            {words.lastPassed} <BuildLink build={passed} />
          </span>
          <Link
            to="/builds/$buildId/compare/$otherId"
            params={{ buildId: passed.id, otherId: build.id }}
            className={LINK}
          >
            {words.compare}
          </Link>
        </>
      ) : (
        <span className="text-ink-2">{words.nonePassed}</span>
      )}
    </p>
  );
}

export function BuildLink({ build }: { build: EarlierBuild }) {
  return (
    <Link to="/builds/$buildId" params={{ buildId: build.id }} className={`tabular ${LINK}`}>
      {t.builds.number(build.build_number)}
    </Link>
  );
}
