/** How long builds of one project keep what they made: as the instance says, or by rules of its own. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type {
  BuildStatus,
  ProjectRetention,
  ProjectRetentionRequest,
  RetentionPolicy,
  RetentionPreview,
} from "@/api/types";
import { Pinned } from "@/components/forms/pinned";
import {
  IN_GIGABYTES,
  isWrong,
  KeepStatuses,
  NO_RULES,
  PolicyFoot,
  RetentionPreviewCard,
  RuleFields,
  type Rules,
  rulesOf,
  typedRules,
  usePreview,
} from "@/components/retention";
import InForce from "@/components/retention/in-force";
import { Choice, Field, QueryView, RadioGroup, Section, Select, useToasts } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { retention } from "@/messages/en/retention";

const words = retention.project;
const WAYS = (["instance", "own"] as const).map((value) => ({ value, ...words[value] }));

const projectRetentionQuery = (rt: Runtime, projectId: string) =>
  queryOptions({
    queryKey: rt.key("retention", "project", projectId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/retention", { path: { project_id: projectId }, signal }),
    staleTime: 0,
  });

export default function RetentionSection({ projectId }: { projectId: string }) {
  const query = useQuery(projectRetentionQuery(useRuntime(), projectId));
  return (
    <Section title={words.title}>
      <QueryView query={query} name={retention.name}>
        {(found) => (
          <Pinned
            current={found}
            versionOf={({ override_fields, has_override }) =>
              override_fields?.updated_at ?? String(has_override)
            }
          >
            {(found, onSaved) => <Form projectId={projectId} found={found} onSaved={onSaved} />}
          </Pinned>
        )}
      </QueryView>
    </Section>
  );
}

type Choice3 = "instance" | "on" | "off";
type Target = RetentionPolicy["cleanup_target"] | "instance";
type Value = {
  way: "instance" | "own";
  enabled: Choice3;
  target: Target;
  rules: Rules;
  /** Null: as the instance says. */
  kept: readonly BuildStatus[] | null;
};

function formOf({ has_override, override_fields: own }: ProjectRetention): Value {
  const said = own?.enabled;
  return {
    way: has_override ? "own" : "instance",
    enabled: typeof said === "boolean" ? (said ? "on" : "off") : "instance",
    target: own?.cleanup_target ?? "instance",
    rules: own ? typedRules(own) : NO_RULES,
    kept: own?.keep_statuses ?? null,
  };
}

/** Null while something is typed that is no number. */
function requestOf({ way, enabled, target, rules, kept }: Value): ProjectRetentionRequest | null {
  // Saying nothing otherwise is what a project without rules of its own says.
  if (way === "instance") return {};
  const { days, builds, ttl, size } = rules;
  if ([days, builds, ttl].some((text) => isWrong(text)) || isWrong(size, IN_GIGABYTES)) return null;
  return {
    ...rulesOf(rules),
    enabled: enabled === "instance" ? null : enabled === "on",
    cleanup_target: target === "instance" ? null : target,
    keep_statuses: kept && [...kept],
  };
}

type FormProps = { projectId: string; found: ProjectRetention; onSaved: (found: ProjectRetention) => void };

function Form({ projectId, found, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = formOf(found);
  const [value, setValue] = useState(stored);
  const [asking, setAsking] = useState<RetentionPreview | null>(null);
  const [wrong, setWrong] = useState(0);
  const path = { project_id: projectId };
  const body = requestOf(value);
  const dirty = JSON.stringify(value) !== JSON.stringify(stored);
  const preview = usePreview(projectId, dirty ? body : null, (rules) =>
    runtime.api.post("/v1/projects/{project_id}/retention/preview", { path, body: rules }),
  );
  useFocusFirstError(form, submission.error ?? wrong);
  const set = (patch: Partial<Value>) => setValue({ ...value, ...patch });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!body) return setWrong(wrong + 1);
    void submission.run(async () => {
      const goes = dirty && !found.effective.dry_run ? await preview.of(body) : null;
      if (goes && goes.builds > 0) return setAsking(goes);
      await save(body);
    });
  }
  async function save(body: ProjectRetentionRequest) {
    const route = "/v1/projects/{project_id}/retention";
    const answer =
      value.way === "own"
        ? await runtime.api.put(route, { path, body })
        : await runtime.api.delete(route, { path });
    setAsking(null);
    cache.setQueryData(projectRetentionQuery(runtime, projectId).queryKey, answer);
    onSaved(answer);
    toast(retention.saved);
  }
  return (
    <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
      <InForce policy={found.effective} />
      <RadioGroup label={words.as} options={WAYS} value={value.way} onValue={(way) => set({ way })} />
      {value.way === "own" && <Own value={value} onValue={set} />}
      {dirty && <RetentionPreviewCard query={preview.query} isOff={false} />}
      <PolicyFoot
        submission={submission}
        dirty={dirty}
        asking={body && asking}
        onDiscard={() => setValue(stored)}
        onConfirm={() => body && void submission.run(() => save(body))}
        onClose={() => setAsking(null)}
      />
    </form>
  );
}

function Own({ value, onValue }: { value: Value; onValue: (patch: Partial<Value>) => void }) {
  return (
    <>
      <Field label={words.enabled}>
        <Select
          className="max-w-60"
          value={value.enabled}
          onChange={({ target }) => onValue({ enabled: target.value as Choice3 })}
        >
          <option value="instance">{words.choices.instance}</option>
          <option value="on">{words.choices.on}</option>
          <option value="off">{words.choices.off}</option>
        </Select>
      </Field>
      <Field label={retention.target}>
        <Select
          className="max-w-60"
          value={value.target}
          onChange={({ target }) => onValue({ target: target.value as Target })}
        >
          <option value="instance">{words.choices.instance}</option>
          <option value="artifacts_only">{retention.targets.artifacts_only.label}</option>
          <option value="full">{retention.targets.full.label}</option>
        </Select>
      </Field>
      <RuleFields rules={value.rules} onRules={(rules) => onValue({ rules })} />
      <Choice
        kind="switch"
        label={words.keepOwn}
        checked={value.kept !== null}
        onChange={({ target }) => onValue({ kept: target.checked ? [] : null })}
      />
      {value.kept && <KeepStatuses kept={value.kept} onKept={(kept) => onValue({ kept })} />}
    </>
  );
}
