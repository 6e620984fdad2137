/** The form of a pipeline, for new and existing ones, with its settings as fields or as YAML. The server validates, also while the person types. */
import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import type { CreatePipelineRequest, Pipeline, Project } from "@/api/types";
import { Button, FormError, LeaveGuard, Segmented } from "@/components/ui";
import type { Draft } from "@/lib/draft";
import { type Submission, useFocusFirstError } from "@/lib/form";
import { t } from "@/messages";
import { pipelineYaml as words } from "@/messages/en/pipeline-yaml";
import { AboveForm, BesideForm } from "./around-form";
import { BasicsFields, SourceFields } from "./basics-fields";
import { BuildFields } from "./build-fields";
import { checkOf } from "./check";
import { EnvFields } from "./env-fields";
import { Fieldset } from "./fieldset";
import type { FormValue } from "./form-value";
import { toRequest } from "./form-value";
import { type Check, LiveCheck, useLiveCheck } from "./live-check";
import { TriggerFields } from "./trigger-fields";
import { useYamlMode, type YamlMode } from "./yaml-mode";

export type FieldsProps = {
  value: FormValue;
  change: (patch: Partial<FormValue>) => void;
  errorOf: (name: string) => string | null;
};

type Props = {
  project: Project;
  /** What is edited, if it exists. */
  pipeline?: Pipeline;
  draft: Draft<FormValue>;
  submission: Submission;
  submitLabel: string;
  onSubmit: (request: CreatePipelineRequest) => void;
};

const YamlEditor = lazy(() => import("./yaml-editor"));

export function PipelineForm({ project, pipeline, draft, submission, submitLabel, onSubmit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState(false);
  const { value, change } = draft;
  const yaml = useYamlMode(value, change, pipeline?.execution_config);
  useFocusFirstError(form, submission.error ?? (missing || yaml.problem));
  const request = toRequest(value);
  const latest = useRef(request);
  latest.current = request;
  const isBusy = submission.pending || yaml.pending;
  const check = useLiveCheck(toCheck(request, pipeline?.id, yaml.text));
  useAdopted(yaml, check);
  async function submit(event: FormEvent) {
    event.preventDefault();
    const empty = request.name === "";
    setMissing(empty);
    if (empty || yaml.isAwaited) return;
    if (yaml.text === null) return onSubmit(request);
    const execution_config = await yaml.settle();
    // The rest of the form may have changed while the server looked at the text.
    if (execution_config) onSubmit({ ...latest.current, execution_config });
  }
  const errorOf = (name: string) => (name === "name" && missing ? t.form.required : submission.errorOf(name));
  const fields: FieldsProps = { value, change, errorOf };
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <LeaveGuard dirty={draft.dirty || yaml.dirty} />
      <div className="flex min-w-0 flex-col gap-5">
        {/* It asks with forms of its own, which must not send this one. */}
        <AboveForm {...{ project, pipeline, value, change, yaml, isBusy }} />
        <form ref={form} onSubmit={(event) => void submit(event)} className="flex flex-col gap-5" noValidate>
          <BasicsFields {...fields} />
          <SourceFields {...fields} />
          <ModeChoice yaml={yaml} isBusy={isBusy} />
          {yaml.text !== null && (
            <Fieldset title={words.title} help={words.help}>
              <Suspense fallback={<Loading />}>
                <YamlEditor
                  mode={yaml}
                  text={yaml.text}
                  isBusy={isBusy}
                  diagnostics={textDiagnostics(check)}
                />
              </Suspense>
            </Fieldset>
          )}
          {yaml.isAwaited && <Awaited yaml={yaml} />}
          {yaml.text === null && !yaml.isAwaited && (
            <>
              <BuildFields {...fields} />
              <EnvFields {...fields} />
            </>
          )}
          <TriggerFields {...fields} project={project} />
          <FormError error={submission.error} />
          <div>
            <Button type="submit" variant="primary" pending={isBusy}>
              {submitLabel}
            </Button>
          </div>
        </form>
      </div>
      <div className="flex min-w-0 flex-col gap-3 lg:sticky lg:top-16">
        <LiveCheck check={check} />
        <BesideForm check={check} />
      </div>
    </div>
  );
}

function Loading() {
  return (
    <p role="status" className="text-ink-2">
      {words.loading}
    </p>
  );
}

/** In place of fields that could not hold what is stored. */
function Awaited({ yaml }: { yaml: YamlMode }) {
  return (
    <Fieldset title={words.title} help={words.help}>
      {yaml.problem === null ? (
        <Loading />
      ) : (
        <div>
          <Button onClick={() => void yaml.open()}>{t.action.retry}</Button>
        </div>
      )}
    </Fieldset>
  );
}

function ModeChoice({ yaml, isBusy }: { yaml: YamlMode; isBusy: boolean }) {
  const options = [
    { value: "form", label: words.form },
    { value: "yaml", label: words.yaml },
  ] as const;
  const mode = yaml.text === null && !yaml.isAwaited ? "form" : "yaml";
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span aria-hidden="true" className="font-medium">
          {words.mode}
        </span>
        <Segmented
          label={words.mode}
          options={options}
          value={mode}
          disabled={isBusy || yaml.isAwaited}
          onChange={(next) => {
            if (next !== mode) void (next === "yaml" ? yaml.open() : yaml.close());
          }}
        />
      </div>
      {yaml.problem && (
        <p role="alert" className="text-failed wrap-anywhere">
          {yaml.problem}
        </p>
      )}
    </div>
  );
}

/** What the server is asked about: a text stands in for the settings it describes. */
function toCheck(request: CreatePipelineRequest, pipelineId: string | undefined, text: string | null) {
  const settings = checkOf(request, pipelineId);
  return text === null ? settings : { ...settings, execution_config: undefined, repository_yaml: text };
}

function textDiagnostics(check: Check) {
  return check.asked.repository_yaml === undefined
    ? []
    : (check.data?.diagnostics ?? []).filter(({ line }) => line);
}

/** A text that is valid becomes the form's value, so that it is kept as a draft too. */
function useAdopted({ text, adopt }: YamlMode, { data, isCurrent }: Check): void {
  const valid = isCurrent && data?.valid ? text : null;
  useEffect(() => {
    if (valid !== null) void adopt(valid);
  }, [valid, adopt]);
}
