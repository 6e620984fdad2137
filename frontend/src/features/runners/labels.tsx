/** A runner's labels: those given to it, which may be changed here, and those it has by itself. The server says what makes a label. */
import { type FormEvent, useRef, useState } from "react";
import type { Runner } from "@/api/types";
import { Button, Fact, Facts, Field, FilterChip, FormError, Input, Section } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { t } from "@/messages";
import { runnerPages } from "@/messages/en/runner-pages";
import { useChange } from "./change";

const words = runnerPages.labels;

export function LabelsSection({ runner }: { runner: Runner }) {
  const can = useCan();
  return (
    <Section title={words.title}>
      <p className="text-ink-2">{words.text}</p>
      <Facts>
        <Fact name={words.given}>
          {can("runners.write") ? (
            <Editor runner={runner} />
          ) : (
            <Labels labels={runner.labels} name={words.given} />
          )}
        </Fact>
        <Fact name={words.detected}>
          <Labels labels={runner.detected_labels} name={words.detected} />
        </Fact>
      </Facts>
    </Section>
  );
}

export function Labels({ labels, name }: { labels: readonly string[]; name: string }) {
  if (labels.length === 0) return <span className="text-ink-3">{words.none}</span>;
  return (
    <ul aria-label={name} className="flex flex-wrap gap-1.5">
      {labels.map((label) => (
        <li
          key={label}
          className="max-w-full rounded-full border border-line px-2.5 py-0.5 text-sm wrap-anywhere"
        >
          {label}
        </li>
      ))}
    </ul>
  );
}

function Editor({ runner }: { runner: Runner }) {
  const change = useChange(runner);
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [isBlank, setBlank] = useState(false);
  const refusal = submission.error;
  const aboutLabels = refusal?.code === "invalid_labels" ? refusal.message : null;
  useFocusFirstError(form, refusal ?? isBlank);
  function add(event: FormEvent) {
    event.preventDefault();
    const added = split(text);
    setBlank(added.length === 0);
    if (added.length === 0 || submission.pending) return;
    void submission.run(async () => {
      await change({ labels: [...runner.labels, ...added] });
      setText("");
    });
  }
  function remove(label: string) {
    if (submission.pending) return;
    // The button that has the focus goes away with its label.
    input.current?.focus();
    void submission.run(() => change({ labels: runner.labels.filter((one) => one !== label) }));
  }
  return (
    <div className="flex flex-col gap-3">
      {runner.labels.length > 0 && (
        <ul aria-label={words.given} className="flex flex-wrap gap-1.5">
          {runner.labels.map((label) => (
            <li key={label} className="max-w-full">
              <FilterChip label={label} onRemove={() => remove(label)} />
            </li>
          ))}
        </ul>
      )}
      <form ref={form} onSubmit={add} className="flex flex-col gap-3" noValidate>
        <Field label={words.add} help={words.help} error={isBlank ? t.form.required : aboutLabels}>
          <div className="flex gap-2">
            <Input
              ref={input}
              className="min-w-0"
              value={text}
              onChange={(event) => setText(event.target.value)}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
            <Button type="submit" pending={submission.pending}>
              {words.submit}
            </Button>
          </div>
        </Field>
        <FormError error={aboutLabels ? null : refusal} />
      </form>
    </div>
  );
}

function split(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
