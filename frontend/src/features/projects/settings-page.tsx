/** Name, description, default branch, what others see of it, and deletion of a project. What the person may not do is not shown. */
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, lazy, Suspense, useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import type { ForkBuilds, Project, ProjectDetail } from "@/api/types";
import { SaveRow } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import {
  Button,
  ConfirmDialog,
  DeniedState,
  Field,
  FormError,
  Input,
  Section,
  Select,
  Textarea,
  toast,
} from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { ProjectFrame } from "./project-frame";
import { Pushes } from "./pushes";
import { ReportingSection } from "./reporting-section";

const RetentionSection = lazy(() => import("./retention-section"));

export function SettingsPage({ projectId }: { projectId: string }) {
  return <ProjectFrame projectId={projectId}>{(detail) => <Settings detail={detail} />}</ProjectFrame>;
}

function Settings({ detail }: { detail: ProjectDetail }) {
  const mayWrite = projectAllows(detail.project, "write");
  const mayDelete = projectAllows(detail.project, "delete");
  if (!mayWrite && !mayDelete) return <DeniedState />;
  return (
    <div className="flex max-w-2xl flex-col gap-8">
      {mayWrite && (
        <Pinned current={detail.project} versionOf={versionOf}>
          {(project, onSaved) => <General project={project} onSaved={onSaved} />}
        </Pinned>
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

/** Of what is edited here; other parts of the page change the rest. */
function versionOf({ name, description, default_branch, fork_builds }: Project): string {
  return JSON.stringify([name, description, default_branch, fork_builds]);
}

type GeneralProps = { project: Project; onSaved: (project: Project) => void };

function General({ project, onSaved }: GeneralProps) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = {
    name: project.name,
    description: project.description ?? "",
    default_branch: project.default_branch ?? "",
    fork_builds: project.fork_builds,
  };
  const [value, setValue] = useState(stored);
  const [missing, setMissing] = useState(false);
  const dirty = JSON.stringify(value) !== JSON.stringify(stored);
  useFocusFirstError(form, submission.error ?? missing);
  function save(event: FormEvent) {
    event.preventDefault();
    const empty = value.name.trim() === "";
    setMissing(empty);
    if (empty) return;
    void submission.run(async () => {
      const path = { project_id: project.id };
      const answer = await runtime.api.patch("/v1/projects/{project_id}", { path, body: value });
      cache.setQueryData(
        projectQuery(runtime, project.id).queryKey,
        (old) => old && { ...old, project: answer.project },
      );
      onSaved(answer.project);
      void cache.invalidateQueries({ queryKey: runtime.key("projects") });
      toast(t.projects.settings.saved);
    });
  }
  const words = t.projects.settings;
  return (
    <Section title={words.general}>
      <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
        <Field label={words.name} error={missing ? t.form.required : submission.errorOf("name")}>
          <Input
            value={value.name}
            onChange={(event) => setValue({ ...value, name: event.target.value })}
            required
          />
        </Field>
        <Field label={words.description} optional error={submission.errorOf("description")}>
          <Textarea
            rows={2}
            value={value.description}
            onChange={(event) => setValue({ ...value, description: event.target.value })}
          />
        </Field>
        <Field label={words.branch} optional error={submission.errorOf("default_branch")}>
          <Input
            value={value.default_branch}
            spellCheck={false}
            onChange={(event) => setValue({ ...value, default_branch: event.target.value })}
          />
        </Field>
        {project.repository_provider !== "local_git" && (
          <Field label={words.forks} help={words.forksHelp} error={submission.errorOf("fork_builds")}>
            <Select
              value={value.fork_builds}
              onChange={(event) => setValue({ ...value, fork_builds: event.target.value as ForkBuilds })}
            >
              <option value="blocked">{words.forkBuilds.blocked}</option>
              <option value="approval">{words.forkBuilds.approval}</option>
            </Select>
          </Field>
        )}
        <FormError error={submission.error} />
        <SaveRow
          label={t.action.save}
          dirty={dirty}
          pending={submission.pending}
          onDiscard={() => {
            setValue(stored);
            setMissing(false);
            submission.reset();
          }}
        />
      </form>
    </Section>
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
