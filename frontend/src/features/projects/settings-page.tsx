/** What a project is and does, what others see of it, and its deletion. What the person may not do is not shown. */
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { toApiError } from "@/api/errors";
import type { ProjectDetail } from "@/api/types";
import { Button, ConfirmDialog, DeniedState, Section, SkeletonRows, toast } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { unpin } from "@/lib/pins";
import { t } from "@/messages";
import { ProjectFrame } from "./project-frame";
import { Pushes } from "./pushes";
import { ReportingSection } from "./reporting-section";

const GeneralSection = lazy(() => import("./general-section"));
const RetentionSection = lazy(() => import("./retention-section"));

export function SettingsPage({ projectId }: { projectId: string }) {
  return (
    <ProjectFrame projectId={projectId} tab="settings">
      {(detail) => <Settings detail={detail} />}
    </ProjectFrame>
  );
}

function Settings({ detail }: { detail: ProjectDetail }) {
  const mayWrite = projectAllows(detail.project, "write");
  const mayDelete = projectAllows(detail.project, "delete");
  if (!mayWrite && !mayDelete) return <DeniedState />;
  return (
    <div className="flex max-w-2xl flex-col gap-8">
      {mayWrite && (
        <Suspense fallback={<SkeletonRows />}>
          <GeneralSection project={detail.project} />
        </Suspense>
      )}
      {mayWrite && <Pushes detail={detail} />}
      {mayWrite && <ReportingSection project={detail.project} />}
      {mayWrite && (
        <Suspense>
          <RetentionSection projectId={detail.project.id} />
        </Suspense>
      )}
      {mayDelete && <Deletion detail={detail} />}
    </div>
  );
}

function Deletion({ detail: { project, pipeline_count, build_count } }: { detail: ProjectDetail }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const words = t.projects.settings;
  async function remove() {
    setPending(true);
    try {
      await runtime.api.delete("/v1/projects/{project_id}", { path: { project_id: project.id } });
      toast(words.deleted(project.name));
      unpin(runtime, project.id);
      await router.navigate({ to: "/projects", ignoreBlocker: true });
      cache.removeQueries({ queryKey: runtime.key("project", project.id) });
      await cache.invalidateQueries({ queryKey: runtime.key() });
    } catch (cause) {
      const failure = toApiError(cause);
      setError(failure.code === "active_builds" ? words.activeBuilds : failure.message);
      setPending(false);
    }
  }
  const pipelines = words.pipelineCount(formatNumber(pipeline_count), pipeline_count === 1);
  const builds = words.buildCount(formatNumber(build_count), build_count === 1);
  return (
    <Section title={words.danger}>
      <div className="card flex flex-wrap items-center justify-between gap-3 p-4">
        <p className="max-w-[50ch] text-ink-2">{words.dangerText}</p>
        <Button variant="danger" icon="delete" onClick={() => setAsking(true)}>
          {words.danger}
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title={words.deleteTitle(project.name)}
          intro={words.willGo}
          consequences={words.consequences(pipelines, builds)}
          typed={{ label: words.typeName(project.name), value: project.name }}
          confirmLabel={words.confirm}
          pending={pending}
          error={error}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
