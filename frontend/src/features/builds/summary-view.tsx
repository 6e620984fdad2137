/**
 * A build at a glance: why it failed, what it made, how its tests went, what came in since the last one that passed. It must not
 * ask for what is not on screen yet.
 */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Build, BuildEvent } from "@/api/types";
import { Banner, Icon, isActive, Section, TimeAgo } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import { useSeen } from "@/lib/seen";
import { t } from "@/messages";
import { artifacts as artifactWords } from "@/messages/en/artifacts";
import { buildPage } from "@/messages/en/build-page";
import { ChangesCard } from "./changes-card";
import { FailureCard, hasFailed } from "./failure-card";

const words = buildPage.summary;

type Props = {
  build: Build;
  events: readonly BuildEvent[];
  excerpt: ReactNode;
  /** The first few. */
  artifacts: ReactNode;
};

export function SummaryView({ build, events, excerpt, artifacts }: Props) {
  return (
    <div className="flex flex-col gap-6">
      {hasFailed(build) && <FailureCard build={build} excerpt={excerpt} />}
      <Stopped build={build} end={events.at(-1)} />
      {isActive(build.status) && <p className="text-ink-2">{words.active}</p>}
      <Section title={artifactWords.title} actions={<ToView build={build} view="artifacts" />}>
        <WhenSeen>{artifacts}</WhenSeen>
      </Section>
      <Tests build={build} />
      {build.commit_sha && <ChangesCard build={build} />}
    </div>
  );
}

/** Who stopped a build before its end, and why. */
function Stopped({ build, end }: { build: Build; end: BuildEvent | undefined }) {
  if (build.status !== "canceled" && build.status !== "expired") return null;
  return (
    <Banner tone="info" title={t.builds.status[build.status]}>
      {build.error_message && <p>{build.error_message}</p>}
      {end && (
        <p className="flex flex-wrap gap-x-2">
          {end.reason && end.reason !== build.error_message && <span>{end.reason}</span>}
          {end.actor && <span>{words.by(end.actor)}</span>}
          <TimeAgo at={end.created_at} />
        </p>
      )}
    </Banner>
  );
}

function Tests({ build }: { build: Build }) {
  if (!build.tests) return null;
  const { passed, failed, skipped } = build.tests;
  return (
    <Section title={buildPage.page.tests} actions={<ToView build={build} view="tests" />}>
      <ul className="card flex flex-wrap gap-x-6 gap-y-2 px-4 py-3">
        <Count icon="passed" color="text-passed" count={passed} name={words.passed} />
        <Count icon="octagon" color="text-failed" count={failed} name={words.failed} />
        <Count icon="slash" color="text-ink-3" count={skipped} name={words.skipped} />
      </ul>
    </Section>
  );
}

type CountProps = { icon: "passed" | "octagon" | "slash"; color: string; count: number; name: string };

function Count({ icon, color, count, name }: CountProps) {
  return (
    <li className="flex items-center gap-1.5">
      <Icon name={icon} className={`size-4 ${count > 0 ? color : "text-ink-3"}`} />
      <span className="tabular font-semibold">{formatNumber(count)}</span>
      <span className="text-ink-2">{name}</span>
    </li>
  );
}

function ToView({ build, view }: { build: Build; view: keyof typeof words.to }) {
  return (
    <Link
      to="/builds/$buildId"
      params={{ buildId: build.id }}
      search={{ view }}
      className="tap text-sm text-accent underline underline-offset-2"
    >
      {words.to[view]}
    </Link>
  );
}

function WhenSeen({ children }: { children: ReactNode }) {
  const [part, isSeen] = useSeen<HTMLDivElement>();
  return (
    <div ref={part} className="min-h-6">
      {isSeen && children}
    </div>
  );
}
