/** Importing people: first what would happen, line by line, then doing it. */
import { useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useId, useState } from "react";
import type { ImportOutcome, ImportReport, ImportRow } from "@/api/types";
import {
  Badge,
  Button,
  Dialog,
  DialogActions,
  Field,
  FormError,
  Input,
  Textarea,
  useToasts,
} from "@/components/ui";
import { type Submission, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { people } from "@/messages/en/people";
import { roles } from "@/messages/later";
import { changesOf, importPeople } from "./import";

const words = people.import;
const MAX_BYTES = 1_000_000;

type Step = { kind: "enter" } | { kind: "checked"; result: ImportReport };

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const [csv, setCsv] = useState("");
  const [step, setStep] = useState<Step>({ kind: "enter" });
  const check = () =>
    submission.run(async () => {
      setStep({ kind: "checked", result: await importPeople(runtime, csv, "check") });
    });
  const apply = () =>
    submission.run(async () => {
      const done = await importPeople(runtime, csv, "apply");
      toast(words.applied(done.invited, done.changed));
      await cache.invalidateQueries({ queryKey: runtime.key("users") });
      onClose();
    });
  if (step.kind === "enter") {
    return (
      <Enter
        csv={csv}
        onCsv={setCsv}
        submission={submission}
        onCheck={() => void check()}
        onClose={onClose}
      />
    );
  }
  function back() {
    submission.reset();
    setStep({ kind: "enter" });
  }
  return (
    <Checked
      result={step.result}
      submission={submission}
      onBack={back}
      onApply={() => void apply()}
      onClose={onClose}
    />
  );
}

type EnterProps = {
  csv: string;
  onCsv: (csv: string) => void;
  submission: Submission;
  onCheck: () => void;
  onClose: () => void;
};

function Enter({ csv, onCsv, submission, onCheck, onClose }: EnterProps) {
  const formId = useId();
  const [problem, setProblem] = useState<{ field: "file" | "text"; text: string } | null>(null);
  async function read(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    if (!file) return;
    const tooLarge = file.size > MAX_BYTES;
    setProblem(tooLarge ? { field: "file", text: words.tooLarge } : null);
    if (!tooLarge) onCsv(await file.text());
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    const isEmpty = csv.trim() === "";
    setProblem(isEmpty ? { field: "text", text: words.nothing } : null);
    if (!isEmpty) onCheck();
  }
  const footer = (
    <DialogActions form={formId} label={words.check} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog title={words.title} size="large" onClose={onClose} footer={footer}>
      <form id={formId} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field label={words.file} error={problem?.field === "file" ? problem.text : null}>
          <Input
            type="file"
            accept=".csv,text/csv,text/plain"
            className="py-1"
            onChange={(event) => void read(event)}
          />
        </Field>
        <Field
          label={words.text}
          help={words.textHelp}
          error={problem?.field === "text" ? problem.text : null}
        >
          <Textarea
            rows={8}
            className="font-mono"
            spellCheck={false}
            placeholder={words.placeholder}
            value={csv}
            onChange={(event) => onCsv(event.target.value)}
          />
        </Field>
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}

type CheckedProps = {
  result: ImportReport;
  submission: Submission;
  onBack: () => void;
  onApply: () => void;
  onClose: () => void;
};

function Checked({ result, submission, onBack, onApply, onClose }: CheckedProps) {
  const changes = changesOf(result);
  const footer = (
    <>
      <Button icon="back" onClick={onBack}>
        {words.edit}
      </Button>
      {changes > 0 ? (
        <Button variant="primary" pending={submission.pending} onClick={onApply}>
          {words.apply(changes)}
        </Button>
      ) : (
        <Button onClick={onClose}>{t.action.close}</Button>
      )}
    </>
  );
  return (
    <Dialog title={words.title} size="large" onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-3">
        <div role="status">
          <p>{verdictOf(result)}</p>
          <p className="font-medium">
            {words.counts(result.invited, result.changed, result.unchanged, result.errors)}
          </p>
        </div>
        <ul aria-label={words.label} className="card divide-y divide-line">
          {result.rows.map((row) => (
            <Row key={row.line} row={row} />
          ))}
        </ul>
        <FormError error={submission.error} />
      </div>
    </Dialog>
  );
}

function verdictOf(result: ImportReport): string {
  if (result.errors > 0) return words.wrong;
  return changesOf(result) > 0 ? words.checked : words.noChange;
}

const LOOK = {
  invite: { tone: "passed", icon: "add" },
  exists: { tone: "queued", icon: "check" },
  change_role: { tone: "running", icon: "edit" },
  error: { tone: "failed", icon: "alert" },
} as const satisfies Record<ImportOutcome, object>;

function Row({ row }: { row: ImportRow }) {
  const look = LOOK[row.outcome];
  const role = Object.entries(roles.instance).find(([name]) => name === row.role)?.[1] ?? row.role;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <span className="tabular w-14 text-sm text-ink-3">{words.line(row.line)}</span>
      <span className="min-w-0 grow basis-40 break-all">{row.email}</span>
      <span className="text-ink-2">{role}</span>
      <Badge tone={look.tone} icon={look.icon}>
        {words.outcome[row.outcome]}
      </Badge>
      {row.message && <p className="basis-full text-sm text-failed">{row.message}</p>}
    </li>
  );
}
