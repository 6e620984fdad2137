/**
 * The frame of one build's page: title, facts, failure, views. Log and artifacts are other features: the route hands them
 * in. The commit is the name; the failure comes first.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Build, BuildDetail, BuildStatus } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { type Crumb, Page } from "@/components/shell";
import {
  ButtonLink,
  copyAndSay,
  GoneState,
  isActive,
  QueryView,
  Skeleton,
  SkeletonRows,
  TAB_LINK,
  Tabs,
} from "@/components/ui";
import { artifactsQuery, buildQuery } from "@/lib/build-queries";
import { type FaviconState, useFavicon } from "@/lib/favicon";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { LogShown } from "@/lib/log/shown";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";
import { BuildActions, BuildFacts, WaitingNote } from "./build-header";
import { FailureLine } from "./failure-card";
import { MoreMenu } from "./more-menu";
import { RelatedBuilds } from "./related-view";
import { type BuildSearch, type BuildView, type OnBuildSearch, VIEWS } from "./search";
import { SummaryView } from "./summary-view";

const TimelineView = lazy(() => import("./timeline-view"));
const TestsView = lazy(() => import("./tests-view"));
const ConfigView = lazy(() => import("./config-view"));

const FAVICONS: Record<BuildStatus, FaviconState> = {
  queued: "waiting",
  scheduled: "waiting",
  assigned: "running",
  running: "running",
  succeeded: "passed",
  failed: "failed",
  timed_out: "failed",
  canceled: "stopped",
  expired: "stopped",
};

const SIGNS: Record<FaviconState, string> = {
  waiting: "…",
  running: "▶",
  passed: "✓",
  failed: "✗",
  stopped: "⊘",
};

export type BuildParts = {
  excerpt: ReactNode;
  log: ReactNode;
  artifacts: ReactNode;
  /** The first few of them. */
  someArtifacts: ReactNode;
};

type Props = {
  buildId: string;
  search: BuildSearch;
  onSearch: OnBuildSearch;
  /** What the address names lines of. */
  names: "log" | null;
  /** Makes the parts that belong to other features, once the build is known. */
  children: (build: Build, content: (parts: BuildParts) => ReactNode) => ReactNode;
};

export function BuildPage({ buildId, search, onSearch, names, children }: Props) {
  const query = useQuery(buildQuery(useRuntime(), buildId));
  const build = query.data?.build;
  useFavicon(build ? FAVICONS[build.status] : null);
  return (
    <Page
      title={build ? subjectOf(build) : t.builds.one}
      documentTitle={build && documentTitle(build)}
      parents={crumbsOf(build)}
      crumb={build && t.builds.number(build.build_number)}
      actions={
        build && (
          <>
            <BuildActions build={build} rerun={query.data?.rerun} />
            <MoreMenu build={build} />
          </>
        )
      }
      width="wide"
    >
      <QueryView query={query} name={t.builds.nameOne} skeleton={<BuildSkeleton />} gone={<Gone />}>
        {(detail) =>
          children(detail.build, (parts) => (
            <Content detail={detail} parts={parts} search={search} onSearch={onSearch} names={names} />
          ))
        }
      </QueryView>
    </Page>
  );
}

/** "✗ #142 Fix checkout – FlutterShop": the tab says how it stands before its name is cut. */
function documentTitle(build: Build): string {
  const { project_name } = build.context ?? {};
  const name = `${SIGNS[FAVICONS[build.status]]} ${t.builds.number(build.build_number)} ${subjectOf(build)}`;
  return project_name ? `${name} – ${project_name}` : name;
}

function crumbsOf(build: Build | undefined): Crumb[] {
  const builds: Crumb = { label: t.builds.title, to: { to: "/builds" } };
  if (!build) return [builds];
  return [
    {
      label: build.context?.project_name ?? t.projects.one,
      to: { to: "/projects/$projectId", params: { projectId: build.project_id } },
    },
    {
      label: build.context?.pipeline_name ?? t.builds.list.pipeline,
      to: {
        to: "/projects/$projectId/pipelines/$pipelineId",
        params: { projectId: build.project_id, pipelineId: build.pipeline_id },
      },
    },
  ];
}

type ContentProps = Pick<Props, "search" | "onSearch" | "names"> & { detail: BuildDetail; parts: BuildParts };

function Content({ detail, parts, search, onSearch, names }: ContentProps) {
  const { build } = detail;
  // Who watches the log keeps it also when the build ends.
  const [opened] = useState<BuildView>(isActive(build.status) ? "log" : "summary");
  const view = search.view ?? names ?? opened;
  useViewKeys(onSearch);
  return (
    <>
      <BuildFacts build={build} view={view} />
      <WaitingNote build={build} waiting={detail.waiting} />
      <RelatedBuilds build={build} />
      <div className="min-w-0">
        <Views build={build} view={view} />
        <KeptLog build={build} isShown={view === "log"}>
          {parts.log}
        </KeptLog>
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <View detail={detail} parts={parts} view={view} search={search} onSearch={onSearch} />
        </Suspense>
      </div>
    </>
  );
}

/** The log is not asked for before it is shown, and then keeps its place and its search while another view is on top. */
function KeptLog({ build, isShown, children }: { build: Build; isShown: boolean; children: ReactNode }) {
  const [isWanted, setWanted] = useState(isShown);
  if (isShown && !isWanted) setWanted(true);
  if (!isWanted) return null;
  return (
    <div className={isShown ? "flex flex-col gap-3" : "hidden"}>
      <h2 className="sr-only">{buildPage.page.log}</h2>
      <FailureLine build={build} />
      <LogShown value={isShown}>{children}</LogShown>
    </div>
  );
}

type ViewProps = Omit<ContentProps, "names"> & { view: BuildView };

function View({ detail: { build, events }, parts, view, search, onSearch }: ViewProps) {
  if (view === "summary") {
    return (
      <SummaryView build={build} events={events} excerpt={parts.excerpt} artifacts={parts.someArtifacts} />
    );
  }
  if (view === "timeline") return <TimelineView build={build} events={events} />;
  if (view === "tests") return <TestsView build={build} search={search} onSearch={onSearch} />;
  if (view === "artifacts") return parts.artifacts;
  if (view === "config") return <ConfigView build={build} />;
  return null;
}

/** 1…6 show the views in their order, y copies the address of what is shown. */
function useViewKeys(onSearch: OnBuildSearch): void {
  const show = (view: BuildView) => () => onSearch({ view }, "push");
  const keys = VIEWS.map((view, index) => [`view${index + 1}`, show(view)] as const);
  useShortcuts({
    ...Object.fromEntries(keys),
    copyLink: () => void copyAndSay(window.location.href),
  });
}

function Views({ build, view }: { build: Build; view: BuildView }) {
  // Known once somebody has looked at them.
  const { data } = useQuery({ ...artifactsQuery(useRuntime(), build.id), enabled: false });
  const count = data?.artifacts.length ?? 0;
  return (
    <Tabs label={buildPage.page.views}>
      {VIEWS.map((name, index) => (
        <li key={name}>
          <Link
            to="/builds/$buildId"
            params={{ buildId: build.id }}
            search={{ view: name }}
            aria-current={name === view ? "page" : undefined}
            aria-keyshortcuts={String(index + 1)}
            activeOptions={{ exact: true }}
            className={TAB_LINK}
          >
            {buildPage.page[name]}
            {name === "tests" && <TestCount build={build} />}
            {name === "artifacts" && count > 0 && (
              <span className="tabular ms-1.5 text-ink-3">{formatNumber(count)}</span>
            )}
          </Link>
        </li>
      ))}
    </Tabs>
  );
}

/** How many failed, else how many there are; the tab says of what. */
function TestCount({ build: { tests } }: { build: Build }) {
  if (!tests) return null;
  const isBad = tests.failed > 0;
  const all = formatNumber(tests.passed + tests.skipped);
  return (
    <span className={`tabular ms-1.5 whitespace-nowrap ${isBad ? "text-failed" : "text-ink-3"}`}>
      {isBad ? buildPage.page.testsFailed(tests.failed) : all}
    </span>
  );
}

function Gone() {
  return (
    <GoneState name={t.builds.nameOne} actions={<ButtonLink to="/builds">{t.builds.title}</ButtonLink>} />
  );
}

function BuildSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-5 w-2/3" />
      <SkeletonRows rows={4} />
    </div>
  );
}
