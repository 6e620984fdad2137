/**
 * From a fresh instance to a build that runs, on one page: which app, what of it, go; beside it what the machine lacks. On a
 * prepared machine everything is chosen already.
 */
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { BuildPlatform, CreatePipelineRequest, Start, StartApp } from "@/api/types";
import { BarePage } from "@/components/access";
import { ReauthDialog } from "@/components/shell";
import { Banner, Button, ButtonLink, FormError, QueryView, Toaster, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useDraft } from "@/lib/draft";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { start as words } from "@/messages/en/start";
import { AppChoice } from "./app-choice";
import { Checks, isNeeded } from "./checks";
import { startAppsQuery, startQuery } from "./queries";
import { Target } from "./target";

export default function FirstRunPage() {
  const runtime = useRuntime();
  const can = useCan();
  const known = useQuery(bootstrapQuery(runtime));
  if (known.isSuccess && !can("projects.write")) return <Navigate to="/" replace />;
  return (
    <BarePage title={words.title} heading={words.heading} width="wide">
      <p className="-mt-2 flex flex-wrap gap-x-4 text-ink-2">
        {words.text}
        <Link to="/" className="tap text-accent underline underline-offset-2">
          {words.skip}
        </Link>
      </p>
      <Ready />
      {/* The one page for whom is signed in that stands without the shell. */}
      <ReauthDialog />
      <Toaster />
    </BarePage>
  );
}

function Ready() {
  const query = useQuery(startQuery(useRuntime()));
  return (
    <QueryView query={query} name={words.name}>
      {(start) => (start.place === "here" ? <FirstRun start={start} /> : <NotHere start={start} />)}
    </QueryView>
  );
}

function NotHere({ start }: { start: Start }) {
  const isRemote = start.place === "remote_mode";
  return (
    <Banner
      tone="info"
      title={isRemote ? words.remote : words.elsewhere}
      actions={
        <ButtonLink to="/projects/new" variant="primary" icon="add">
          {words.newProject}
        </ButtonLink>
      }
    />
  );
}

function FirstRun({ start }: { start: Start }) {
  const runtime = useRuntime();
  const apps = useQuery(startAppsQuery(runtime));
  const draft = useDraft(`${runtime.instance.id}.start`, { path: "" });
  const [pipelines, setPipelines] = useState<CreatePipelineRequest[] | null>(null);
  const app = chosenOf(apps.data?.apps ?? [], draft.value.path);
  const platforms = platformsOf(pipelines?.[0]);
  return (
    <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-6">
        <AppChoice query={apps} chosen={app} onChoose={({ path }) => draft.change({ path })} />
        <Target path={app?.path ?? null} onChosen={setPipelines} />
        <Go
          start={start}
          app={app}
          pipelines={pipelines ?? []}
          platforms={platforms}
          onDone={draft.discard}
        />
      </div>
      <Checks start={start} platforms={platforms} />
    </div>
  );
}

/** The one that was chosen before a reload, else the newest that is no project yet. */
function chosenOf(apps: readonly StartApp[], path: string): StartApp | null {
  const open = apps.filter(({ project_id }) => !project_id);
  const isApp = ({ roots }: StartApp) => roots.some((root) => root.is_app);
  return open.find((app) => app.path === path) ?? open.find(isApp) ?? open[0] ?? null;
}

/** Those whose SDK the pipeline needs: what only tests or analyses gets along without. A file says nothing before it is read. */
function platformsOf(pipeline: CreatePipelineRequest | undefined): readonly BuildPlatform[] {
  const config = pipeline?.execution_config;
  const builds = (platform: BuildPlatform) =>
    (config?.platform_commands?.[platform] ?? "flutter build").includes("flutter build");
  return config?.platforms.filter(builds) ?? [];
}

type GoProps = {
  start: Start;
  app: StartApp | null;
  pipelines: CreatePipelineRequest[];
  platforms: readonly BuildPlatform[];
  onDone: () => void;
};

function Go({ start, app, pipelines, platforms, onDone }: GoProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const router = useRouter();
  const submission = useSubmission();
  const first = pipelines[0];
  function go() {
    void submission.run(async () => {
      const body = { local_repository_path: app?.path ?? "", name: app?.name, pipelines };
      const { project, build, problem } = await runtime.api.post("/v1/start", { body });
      onDone();
      for (const noun of ["home", "projects", "start-apps"])
        void runtime.queryClient.invalidateQueries({ queryKey: runtime.key(noun) });
      if (build) {
        await router.navigate({ to: "/builds/$buildId", params: { buildId: build.id } });
        return;
      }
      toast(words.go.notStarted(problem?.error ?? ""));
      await router.navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
    });
  }
  return (
    <section
      aria-labelledby="go"
      className="card sticky bottom-2 z-10 flex flex-wrap items-end justify-between gap-3 p-4 shadow-pop"
    >
      <div className="flex min-w-0 grow basis-60 flex-col gap-1">
        <h2 id="go" className="text-lg font-semibold">
          {words.go.title}
        </h2>
        {app && first && <p className="text-ink-2">{words.go.ready(app.name, first.name)}</p>}
        {start.runner?.status === "offline" && <p className="text-warning">{words.go.noRunner}</p>}
        <FormError error={submission.error} />
      </div>
      <div>
        <Button
          variant="primary"
          icon="play"
          pending={submission.pending}
          disabledReason={reasonOf(start, app, first, platforms)}
          onClick={go}
        >
          {words.go.button}
        </Button>
      </div>
    </section>
  );
}

function reasonOf(
  start: Start,
  app: StartApp | null,
  first: CreatePipelineRequest | undefined,
  platforms: readonly BuildPlatform[],
): string | null {
  if (!app) return words.go.noApp;
  if (!first) return words.go.noTarget;
  const missing = start.checks.filter((check) => check.status === "missing" && isNeeded(check, platforms));
  return missing.length > 0 ? words.go.blocked(missing.map(({ what }) => what).join("; ")) : null;
}
