/** Asks for other values of the inputs of a build's file, then makes the build again. It must not check values: the server does. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import type { Build, PipelineInput, RerunRequest } from "@/api/types";
import { InputFields } from "@/components/builds/input-fields";
import { Button, Choice, Dialog, DialogActions, FormError, QueryView, SkeletonRows } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { rerunWords as words } from "@/messages/en/run";

export type Inputs = Readonly<Record<string, string>>;

type Props = {
  build: Build;
  /** What it was started with. */
  before: Inputs;
  /** The step from which it can go on. */
  failedStep: string | null;
  /** Throws what the server says against it. */
  onRun: (again: RerunRequest) => Promise<void>;
  onClose: () => void;
};

export default function RerunDialog({ build, before, failedStep, onRun, onClose }: Props) {
  const runtime = useRuntime();
  const formId = useId();
  const declared = useQuery({
    queryKey: runtime.key("pipeline", build.pipeline_id, "inputs", build.commit_sha),
    queryFn: ({ signal }) =>
      runtime.api.get("/v1/pipelines/{pipeline_id}/inputs", {
        path: { pipeline_id: build.pipeline_id },
        query: { commit_sha: build.commit_sha ?? undefined },
        signal,
      }),
    retry: false,
  });
  const [isPending, setPending] = useState(false);
  const footer = declared.data ? (
    <DialogActions form={formId} label={words.submit} icon="rerun" pending={isPending} onCancel={onClose} />
  ) : (
    <Button onClick={onClose}>{t.action.cancel}</Button>
  );
  return (
    <Dialog title={words.title(build.build_number)} onClose={onClose} footer={footer}>
      <QueryView query={declared} name={words.name} skeleton={<SkeletonRows rows={2} />}>
        {({ inputs }) => (
          <Form
            id={formId}
            inputs={inputs}
            before={before}
            failedStep={failedStep}
            onPending={setPending}
            onRun={(again) => onRun(again).then(onClose)}
          />
        )}
      </QueryView>
    </Dialog>
  );
}

type FormProps = Omit<Props, "build" | "onClose"> & {
  id: string;
  inputs: readonly PipelineInput[];
  onPending: (isPending: boolean) => void;
};

function Form({ id, inputs, before, failedStep, onPending, onRun }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const submission = useSubmission();
  const [values, setValues] = useState(before);
  const [from, setFrom] = useState<"start" | "failed_step">("start");
  useFocusFirstError(form, submission.error);
  async function submit(event: FormEvent) {
    event.preventDefault();
    onPending(true);
    await submission.run(() => onRun({ from, inputs: changed(values, before) }));
    onPending(false);
  }
  return (
    <form
      ref={form}
      id={id}
      onSubmit={(event) => void submit(event)}
      className="flex flex-col gap-4"
      noValidate
    >
      <InputFields
        inputs={inputs}
        values={values}
        errorOf={(name) => submission.errorOf(`inputs.${name}`)}
        onChange={(name, value) => setValues({ ...values, [name]: value })}
      />
      {failedStep && (
        <Choice
          kind="checkbox"
          label={words.fromStep(failedStep)}
          text={words.fromStepText}
          checked={from === "failed_step"}
          onChange={(event) => setFrom(event.target.checked ? "failed_step" : "start")}
        />
      )}
      <FormError error={submission.error} />
    </form>
  );
}

/** What is other than it was. */
function changed(values: Inputs, before: Inputs): Inputs {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== before[name]));
}
