/** The form of a pipeline, for new and existing ones. The server validates, also while the person types. */
import { type FormEvent, useRef, useState } from "react";
import type { CreatePipelineRequest, Project } from "@/api/types";
import { Button, FormError, LeaveGuard } from "@/components/ui";
import type { Draft } from "@/lib/draft";
import { type Submission, useFocusFirstError } from "@/lib/form";
import { t } from "@/messages";
import { BasicsFields, SourceFields } from "./basics-fields";
import { BuildFields } from "./build-fields";
import { EnvFields } from "./env-fields";
import type { FormValue } from "./form-value";
import { toRequest } from "./form-value";
import { LiveCheck } from "./live-check";
import { TriggerFields } from "./trigger-fields";

export type FieldsProps = {
  value: FormValue;
  change: (patch: Partial<FormValue>) => void;
  errorOf: (name: string) => string | null;
};

type Props = {
  project: Project;
  draft: Draft<FormValue>;
  submission: Submission;
  submitLabel: string;
  onSubmit: (request: CreatePipelineRequest) => void;
};

export function PipelineForm({ project, draft, submission, submitLabel, onSubmit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState(false);
  useFocusFirstError(form, submission.error ?? missing);
  const { value, change } = draft;
  const request = toRequest(value);
  function submit(event: FormEvent) {
    event.preventDefault();
    const empty = request.name === "";
    setMissing(empty);
    if (!empty) onSubmit(request);
  }
  const errorOf = (name: string) => (name === "name" && missing ? t.form.required : submission.errorOf(name));
  const fields: FieldsProps = { value, change, errorOf };
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <LeaveGuard dirty={draft.dirty} />
      <form ref={form} onSubmit={submit} className="flex min-w-0 flex-col gap-5" noValidate>
        <BasicsFields {...fields} />
        <SourceFields {...fields} />
        <BuildFields {...fields} />
        <EnvFields {...fields} />
        <TriggerFields {...fields} project={project} />
        <FormError error={submission.error} />
        <div>
          <Button type="submit" variant="primary" pending={submission.pending}>
            {submitLabel}
          </Button>
        </div>
      </form>
      <LiveCheck request={request} />
    </div>
  );
}
