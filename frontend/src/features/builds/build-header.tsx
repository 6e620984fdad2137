/** The facts under a build's title, its actions, and why a waiting build waits. It must not decide permissions. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import type { Build, BuildDetail } from "@/api/types";
import { BuildPlace, BuildTimes, combinationText, triggerText, Unreachable } from "@/components/builds";
import {
  Badge,
  Banner,
  Button,
  CopyButton,
  Icon,
  type IconName,
  isActive,
  StatusBadge,
  TimeAgo,
} from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";
import { useCancel } from "./actions";
import { AttemptMenu } from "./related-view";
import { RerunMenu } from "./rerun-menu";
import type { BuildView } from "./search";
import { Sha } from "./sha";

/** Only for what runs. */
const TimeLeft = lazy(() => import("./time-left"));

export function BuildActions({ build, rerun }: { build: Build; rerun: BuildDetail["rerun"] }) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const cancel = useCancel(build);
  const isStoppable = isActive(build.status) && projectAllows(data?.project, "cancel_build");
  useShortcuts({ cancel: isStoppable ? () => cancel.mutate() : undefined });
  if (isActive(build.status)) {
    if (!isStoppable) return null;
    return (
      <Button icon="stop" pending={cancel.isPending} onClick={() => cancel.mutate()}>
        {buildPage.page.cancel}
      </Button>
    );
  }
  if (!projectAllows(data?.project, "trigger_build")) return null;
  return <RerunMenu build={build} options={rerun} pending={cancel.isPending} />;
}

export function BuildFacts({ build, view }: { build: Build; view: BuildView }) {
  return (
    <section
      aria-label={buildPage.page.facts}
      className="-mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-ink-2"
    >
      <StatusBadge status={build.status} />
      <Unreachable build={build} />
      <span className="tabular font-medium text-ink">{t.builds.number(build.build_number)}</span>
      <AttemptMenu build={build} view={view} />
      <BuildPlace build={build} />
      {build.matrix && <span className="font-medium text-ink">{combinationText(build.matrix)}</span>}
      {build.branch && (
        <IconFact icon="branch">
          <span className="break-all">{build.branch}</span>
        </IconFact>
      )}
      {build.commit_sha && (
        <span className="inline-flex items-center">
          <Sha build={build} sha={build.commit_sha} />
          <CopyButton text={build.commit_sha} label={buildPage.page.copySha} />
        </span>
      )}
      {build.commit_author && <IconFact icon="user">{build.commit_author}</IconFact>}
      {build.config_snapshot.untrusted === true && (
        <Badge tone="warning" icon="denied">
          {buildPage.page.untrusted}
        </Badge>
      )}
      <Trigger build={build} />
      <TimeAgo at={build.created_at} />
      <BuildTimes build={build} />
      <Suspense>{build.status === "running" && <TimeLeft build={build} />}</Suspense>
      {build.context?.runner_name && <IconFact icon="runner">{build.context.runner_name}</IconFact>}
      {build.pinned && (
        <IconFact icon="pin">
          {build.pinned_by ? buildPage.page.pinnedBy(build.pinned_by) : buildPage.page.pinnedBySomebody}
        </IconFact>
      )}
      {build.attempt > 1 && <span>{buildPage.page.attemptNumber(build.attempt)}</span>}
    </section>
  );
}

function IconFact({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1">
      <Icon name={icon} className="size-3.5" />
      {children}
    </span>
  );
}

function Trigger({ build }: { build: Build }) {
  const text = triggerText(build);
  if (!build.source_build_id) return <span>{text}</span>;
  return (
    <span>
      {text} ·{" "}
      <Link
        to="/builds/$buildId"
        params={{ buildId: build.source_build_id }}
        className="tap text-accent underline underline-offset-2"
      >
        {buildPage.page.sourceLink}
      </Link>
    </span>
  );
}

type Waiting = NonNullable<BuildDetail["waiting"]>;

/** Only while the build waits: its place, the server's own sentence, or at least what is known, and each runner's reason. */
export function WaitingNote({ build, waiting }: { build: Build; waiting: BuildDetail["waiting"] }) {
  if (build.status !== "queued" && build.status !== "scheduled") return null;
  const blocked = build.runner_policy_block_reason;
  const reason =
    waiting?.sentence ??
    build.waiting_reason ??
    (blocked ? buildPage.page.waitingBlocked[blocked] : buildPage.page.waitingFor);
  const title = waiting ? buildPage.page.waitingAt(waiting.position) : buildPage.page.waitingTitle;
  return (
    <Banner tone="info" title={title}>
      <p>{reason}</p>
      <WaitingRunners runners={waiting?.runners ?? []} />
    </Banner>
  );
}

function WaitingRunners({ runners }: { runners: NonNullable<Waiting["runners"]> }) {
  if (runners.length === 0) return null;
  return (
    <ul aria-label={buildPage.page.waitingRunners} className="flex flex-col gap-0.5 text-sm">
      {runners.map((runner) => (
        <li key={runner.id}>
          <Link
            to="/runners/$runnerId"
            params={{ runnerId: runner.id }}
            className="tap font-medium text-ink underline-offset-2 hover:underline"
          >
            {runner.name}
          </Link>
          {": "}
          {buildPage.page.waitingReasons[runner.reason]}
          {runner.missing.length > 0 && <code className="ms-1 font-mono">{runner.missing.join(", ")}</code>}
          {runner.note && `: ${runner.note}`}
        </li>
      ))}
    </ul>
  );
}
