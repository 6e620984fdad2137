/** Asks for branch, commit and platforms, then starts a build. It must not decide whether the person may. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { BuildPlatform, Pipeline, Project } from "@/api/types";
import { Choice, ChoiceGroup, Dialog, DialogActions, Field, FormError, Input, toast } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";

type Props = { project: Pick<Project, "id" | "default_branch">; pipeline: Pipeline; onClose: () => void };

export function RunDialog({ project, pipeline, onClose }: Props) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const offered = pipeline.execution_config.platforms ?? [];
  const [branch, setBranch] = useState("");
  const [commit, setCommit] = useState("");
  const [platforms, setPlatforms] = useState<BuildPlatform[]>(offered);
  const words = t.projects.run;
  function submit(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      const body = {
        pipeline_id: pipeline.id,
        branch: branch.trim() || undefined,
        commit_sha: commit.trim() || undefined,
        platforms: platforms.length < offered.length ? platforms : undefined,
      };
      const { build } = await runtime.api.post("/v1/projects/{project_id}/builds", {
        path: { project_id: project.id },
        body,
      });
      await cache.invalidateQueries({ queryKey: runtime.key("builds") });
      toast(words.queued(build.build_number), {
        label: t.action.open,
        to: { to: "/builds/$buildId", params: { buildId: build.id } },
      });
      onClose();
    });
  }
  const footer = (
    <DialogActions
      form={formId}
      label={words.submit}
      icon="play"
      pending={submission.pending}
      onCancel={onClose}
    />
  );
  return (
    <Dialog title={words.title(pipeline.name)} onClose={onClose} footer={footer}>
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <Field label={words.branch} help={words.branchHelp} optional error={submission.errorOf("branch")}>
          <Input
            value={branch}
            placeholder={project.default_branch ?? undefined}
            onChange={(event) => setBranch(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label={words.commit} help={words.commitHelp} optional error={submission.errorOf("commit_sha")}>
          <Input
            value={commit}
            onChange={(event) => setCommit(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
          />
        </Field>
        {offered.length > 1 && (
          <ChoiceGroup label={words.platforms}>
            {offered.map((platform) => (
              <Choice
                key={platform}
                kind="checkbox"
                label={t.pipelines.platform[platform]}
                checked={platforms.includes(platform)}
                onChange={(event) =>
                  setPlatforms(toggled(platforms, platform, event.target.checked ? "in" : "out"))
                }
              />
            ))}
          </ChoiceGroup>
        )}
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}

function toggled(list: BuildPlatform[], platform: BuildPlatform, place: "in" | "out"): BuildPlatform[] {
  const others = list.filter((item) => item !== platform);
  return place === "in" ? [...others, platform] : others;
}
