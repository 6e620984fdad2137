/** Asks for branch, commit, platforms and the inputs of the file, then starts a build. It must not decide whether the person may. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, lazy, Suspense, useId, useState } from "react";
import { toApiError } from "@/api/errors";
import type { BuildPlatform, Pipeline, PipelineInput, Project } from "@/api/types";
import {
  Choice,
  ChoiceGroup,
  Dialog,
  DialogActions,
  Field,
  FormError,
  Input,
  useToasts,
} from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { t } from "@/messages";
import { runWords } from "@/messages/en/run";
import { FileProblems } from "./file-problems";
import { InputFields } from "./input-fields";
import type { Picked } from "./matrix-fields";

/** Few pipelines have a matrix. */
const MatrixFields = lazy(() => import("./matrix-fields"));

/** How long branch and commit must be still before the file is looked at again. */
const STILL_MS = 400;

type Props = {
  project: Pick<Project, "id" | "default_branch">;
  pipeline: Pipeline;
  onClose: () => void;
};

export default function RunDialog({ project, pipeline, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const [branch, setBranch] = useState("");
  const [commit, setCommit] = useState("");
  const [inputs, setInputs] = useState<Readonly<Record<string, string>>>({});
  const [left, setLeft] = useState<BuildPlatform[]>([]);
  const [picked, setPicked] = useState<Picked>();
  const place = useDebounced(`${branch.trim()}\n${commit.trim()}`, STILL_MS);
  const asked = useQuery({
    queryKey: runtime.key("pipeline", pipeline.id, "inputs", place),
    queryFn: ({ signal }) => {
      const [wanted, sha] = place.split("\n");
      const query = { branch: wanted || undefined, commit_sha: sha || undefined };
      return runtime.api.get("/v1/pipelines/{pipeline_id}/inputs", {
        path: { pipeline_id: pipeline.id },
        query,
        signal,
      });
    },
    retry: false,
  });
  // A branch that is still being typed does not exist: what was known stays, also after a refusal.
  const [known, setKnown] = useState(asked.data);
  if (asked.data && asked.data !== known) setKnown(asked.data);
  const declared = known?.inputs ?? [];
  const offered = known?.platforms ?? pipeline.execution_config.platforms ?? [];
  const platforms = offered.filter((platform) => !left.includes(platform));
  const words = runWords;
  function submit(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      const body = {
        pipeline_id: pipeline.id,
        branch: branch.trim() || undefined,
        commit_sha: commit.trim() || undefined,
        platforms: platforms.length < offered.length ? platforms : undefined,
        inputs: given(declared, inputs),
        matrix: picked,
      };
      const { build, builds = [] } = await runtime.api.post("/v1/projects/{project_id}/builds", {
        path: { project_id: project.id },
        body,
      });
      await cache.invalidateQueries({ queryKey: runtime.key("builds") });
      toast(words.queued(build.build_number, builds.length), {
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
        <Field
          label={words.branch}
          help={words.branchHelp}
          optional
          error={submission.errorOf("branch") ?? (asked.error && toApiError(asked.error).message)}
        >
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
          <ChoiceGroup label={words.platforms} error={submission.errorOf("platforms")}>
            {offered.map((platform) => (
              <Choice
                key={platform}
                kind="checkbox"
                label={platformName(platform)}
                checked={platforms.includes(platform)}
                onChange={(event) => setLeft(toggled(left, platform, event.target.checked ? "out" : "in"))}
              />
            ))}
          </ChoiceGroup>
        )}
        {known?.matrix && (
          <Suspense fallback={null}>
            <MatrixFields
              // Another commit with the same matrix keeps what was picked.
              key={JSON.stringify(known.matrix)}
              matrix={known.matrix}
              platforms={platforms}
              error={submission.errorOf("matrix")}
              onPick={setPicked}
            />
          </Suspense>
        )}
        {known?.problems && <FileProblems problems={known.problems} />}
        <InputFields
          inputs={declared}
          values={inputs}
          errorOf={(name) => submission.errorOf(`inputs.${name}`)}
          onChange={(name, value) => setInputs({ ...inputs, [name]: value })}
        />
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}

/** What was entered; an empty field leaves an input at its default. A box that nobody touched says no. */
function given(declared: readonly PipelineInput[], values: Readonly<Record<string, string>>) {
  const untouched = ({ type, required }: PipelineInput) => (type === "boolean" && required ? "false" : "");
  const entered = declared
    .map((input) => [input.name, values[input.name] ?? untouched(input)] as const)
    .filter(([, value]) => value !== "");
  return entered.length > 0 ? Object.fromEntries(entered) : undefined;
}

function toggled(list: BuildPlatform[], platform: BuildPlatform, place: "in" | "out"): BuildPlatform[] {
  const others = list.filter((item) => item !== platform);
  return place === "in" ? [...others, platform] : others;
}
