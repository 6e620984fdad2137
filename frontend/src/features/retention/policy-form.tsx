/** Changing the instance's rules. What would go is shown while they are typed, and asked about before it is saved. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { BuildStatus, RetentionPolicy, RetentionPolicyRequest, RetentionPreview } from "@/api/types";
import { Pinned } from "@/components/forms/pinned";
import {
  gigabytes,
  IN_GIGABYTES,
  isWrong,
  KeepStatuses,
  NumberField,
  numberOf,
  PolicyFoot,
  RetentionPreviewCard,
  RuleFields,
  type Rules,
  rulesOf,
  typedRules,
  usePreview,
} from "@/components/retention";
import { Choice, Field, RadioGroup, Select, useToasts } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { retention as words } from "@/messages/en/retention";

const HOUR_S = 3600;
const INTERVALS = [1, 6, 12, 24].map((hours) => hours * HOUR_S);

const TARGETS = (["artifacts_only", "full"] as const).map((value) => ({ value, ...words.targets[value] }));

type Value = {
  enabled: boolean;
  dryRun: boolean;
  target: RetentionPolicy["cleanup_target"];
  rules: Rules;
  budget: string;
  kept: readonly BuildStatus[];
  interval: number;
};

function formOf(policy: RetentionPolicy): Value {
  return {
    enabled: policy.enabled,
    dryRun: policy.dry_run,
    target: policy.cleanup_target,
    rules: typedRules(policy),
    budget: gigabytes(policy.disk_budget_bytes),
    kept: policy.keep_statuses,
    interval: policy.cleanup_interval_secs,
  };
}

/** Null while something is typed that is no number. */
function requestOf(value: Value): RetentionPolicyRequest | null {
  const { days, builds, ttl, size } = value.rules;
  if ([days, builds, ttl].some((text) => isWrong(text))) return null;
  if ([size, value.budget].some((text) => isWrong(text, IN_GIGABYTES))) return null;
  return {
    ...rulesOf(value.rules),
    enabled: value.enabled,
    dry_run: value.dryRun,
    cleanup_target: value.target,
    keep_statuses: [...value.kept],
    cleanup_interval_secs: value.interval,
    disk_budget_bytes: numberOf(value.budget, IN_GIGABYTES),
  };
}

export default function PolicyForm({ policy }: { policy: RetentionPolicy }) {
  return (
    <Pinned current={policy} versionOf={({ updated_at }) => updated_at ?? 0}>
      {(policy, onSaved) => <Form policy={policy} onSaved={onSaved} />}
    </Pinned>
  );
}

type FormProps = { policy: RetentionPolicy; onSaved: (policy: RetentionPolicy) => void };

function Form({ policy, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = formOf(policy);
  const [value, setValue] = useState(stored);
  const [asking, setAsking] = useState<RetentionPreview | null>(null);
  const [wrong, setWrong] = useState(0);
  const body = requestOf(value);
  const preview = usePreview("instance", value.enabled ? body : null, (policy) =>
    runtime.api.post("/v1/settings/retention/preview", { body: policy }),
  );
  const dirty = JSON.stringify(value) !== JSON.stringify(stored);
  useFocusFirstError(form, submission.error ?? wrong);
  const set = (patch: Partial<Value>) => setValue({ ...value, ...patch });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!body) return setWrong(wrong + 1);
    void submission.run(async () => {
      const found = value.enabled && !value.dryRun ? await preview.of(body) : null;
      if (found && found.builds > 0) return setAsking(found);
      await save(body);
    });
  }
  async function save(body: RetentionPolicyRequest) {
    const answer = await runtime.api.put("/v1/settings/retention", { body });
    setAsking(null);
    cache.setQueryData(runtime.key("retention", "policy"), answer);
    onSaved(answer.policy);
    toast(words.saved);
    await cache.invalidateQueries({ queryKey: runtime.key("retention", "last") });
  }
  return (
    <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
      <Choice
        kind="switch"
        label={words.enabled}
        checked={value.enabled}
        onChange={({ target }) => set({ enabled: target.checked })}
      />
      <Choice
        kind="switch"
        label={words.dryRun}
        text={words.dryRunText}
        checked={value.dryRun}
        onChange={({ target }) => set({ dryRun: target.checked })}
      />
      <RadioGroup
        label={words.target}
        options={TARGETS}
        value={value.target}
        onValue={(target) => set({ target })}
      />
      <fieldset className="flex min-w-0 flex-col gap-4">
        <legend className="font-medium">{words.rules}</legend>
        <p className="text-sm text-ink-3">{words.empty}</p>
        <RuleFields rules={value.rules} onRules={(rules) => set({ rules })} />
        <NumberField
          label={words.budget}
          unit={IN_GIGABYTES}
          value={value.budget}
          onValue={(budget) => set({ budget })}
        />
      </fieldset>
      <KeepStatuses kept={value.kept} onKept={(kept) => set({ kept })} />
      <Interval value={value.interval} onValue={(interval) => set({ interval })} />
      <RetentionPreviewCard query={preview.query} isOff={!value.enabled} />
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

/** Another interval than these comes from elsewhere and stays as long as nobody chooses. */
function Interval({ value, onValue }: { value: number; onValue: (seconds: number) => void }) {
  const choices = INTERVALS.includes(value) ? INTERVALS : [value, ...INTERVALS];
  const say = (seconds: number) =>
    INTERVALS.includes(seconds) ? words.hours(seconds / HOUR_S) : words.otherInterval(formatNumber(seconds));
  return (
    <Field label={words.interval}>
      <Select className="max-w-60" value={value} onChange={({ target }) => onValue(Number(target.value))}>
        {choices.map((seconds) => (
          <option key={seconds} value={seconds}>
            {say(seconds)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
