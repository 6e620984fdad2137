/** Name, description, default branch of a project, and what becomes of its forks. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { ForkBuilds, Project } from "@/api/types";
import { SaveRow } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import { Field, FormError, Input, Section, Select, Textarea, useToasts } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";

export default function GeneralSection({ project }: { project: Project }) {
  return (
    <Pinned current={project} versionOf={versionOf}>
      {(project, onSaved) => <General project={project} onSaved={onSaved} />}
    </Pinned>
  );
}

/** Of what is edited here; other parts of the page change the rest. */
function versionOf({ name, description, default_branch, fork_builds }: Project): string {
  return JSON.stringify([name, description, default_branch, fork_builds]);
}

type GeneralProps = { project: Project; onSaved: (project: Project) => void };

function General({ project, onSaved }: GeneralProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
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
