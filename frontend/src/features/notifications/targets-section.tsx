/** Which hosts of the own network channels may reach. Only who decides about access changes that. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { NotificationTargets } from "@/api/types";
import { linesOf, SaveRow } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import { Field, FormError, QueryView, Section, Textarea, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { notifications } from "@/messages/en/notifications";

const words = notifications.targets;

const targetsQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("notifications", "targets"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/notification-targets", { signal }),
  });

export default function TargetsSection() {
  const query = useQuery(targetsQuery(useRuntime()));
  const mayWrite = useCan()("external_access.write");
  return (
    <Section title={words.title}>
      <p className="max-w-[70ch] text-ink-2">{words.text}</p>
      <QueryView query={query} name={words.title}>
        {({ targets }) =>
          mayWrite ? (
            <Pinned current={targets} versionOf={({ updated_at }) => updated_at ?? 0}>
              {({ allowed_hosts }, onSaved) => <Form hosts={allowed_hosts} onSaved={onSaved} />}
            </Pinned>
          ) : (
            <p className="break-words">{targets.allowed_hosts.join(", ") || words.none}</p>
          )
        }
      </QueryView>
    </Section>
  );
}

type FormProps = { hosts: string[]; onSaved: (targets: NotificationTargets) => void };

function Form({ hosts, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = hosts.join("\n");
  const [text, setText] = useState(stored);
  useFocusFirstError(form, submission.error);
  function save(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      const body = { allowed_hosts: linesOf(text) };
      const answer = await runtime.api.put("/v1/settings/notification-targets", { body });
      cache.setQueryData(targetsQuery(runtime).queryKey, answer);
      onSaved(answer.targets);
      toast(words.saved);
    });
  }
  const about = submission.errorOf("allowed_hosts");
  return (
    <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
      <Field label={words.label} help={words.help} optional error={about}>
        <Textarea
          rows={3}
          spellCheck={false}
          className="font-mono"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <FormError error={about ? null : submission.error} />
      <SaveRow
        label={words.save}
        dirty={text !== stored}
        pending={submission.pending}
        onDiscard={() => {
          setText(stored);
          submission.reset();
        }}
      />
    </form>
  );
}
