/** Tries a place for artifacts step by step: the one in force, or one that is typed. A result stands for what was tried only. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { ArtifactStorageRequest, ArtifactStorageTest } from "@/api/types";
import { Badge, Button, Duration, FormError, Section } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { storage } from "@/messages/en/storage";
import { storageQuery } from "./queries";

const words = storage.test;
const STEPS = ["write", "read", "list", "delete"] as const;

export default function TestSection() {
  return (
    <Section title={words.title}>
      <p className="text-ink-2">{words.text}</p>
      <TestRow label={words.run} />
    </Section>
  );
}

type Props = { label: string; settings?: ArtifactStorageRequest };
type Outcome = { of: string; test?: ArtifactStorageTest; error?: ApiError };

export function TestRow({ label, settings }: Props) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const [pending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const place = JSON.stringify(settings ?? null);
  async function test() {
    setPending(true);
    setOutcome(null);
    try {
      const body = { settings };
      const found = await runtime.api.post("/v1/settings/artifact-storage/test", { body });
      setOutcome({ of: place, test: found });
    } catch (cause) {
      setOutcome({ of: place, error: toApiError(cause) });
    }
    setPending(false);
    // It may have found out that the place works again.
    if (!settings) await cache.invalidateQueries({ queryKey: storageQuery(runtime).queryKey });
  }
  const isOfThis = outcome?.of === place;
  return (
    <div className="flex flex-col items-start gap-3">
      <Button icon="play" pending={pending} onClick={() => void test()}>
        {label}
      </Button>
      <div aria-live="polite" className="w-full">
        {isOfThis && outcome.test && <Steps test={outcome.test} />}
        {isOfThis && <FormError error={outcome.error ?? null} />}
      </div>
    </div>
  );
}

function Steps({ test }: { test: ArtifactStorageTest }) {
  return (
    <div className="flex flex-col gap-2">
      <p className={test.ok ? "text-passed" : "text-failed"}>{test.ok ? words.allOk : words.someFailed}</p>
      <ol aria-label={words.label} className="card divide-y divide-line">
        {STEPS.map((name) => (
          <Step key={name} name={name} found={test.steps.find(({ step }) => step === name)} />
        ))}
      </ol>
    </div>
  );
}

type StepProps = { name: (typeof STEPS)[number]; found: ArtifactStorageTest["steps"][number] | undefined };

function Step({ name, found }: StepProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 grow basis-40">
        <p className="font-medium">{words.steps[name]}</p>
        {found?.error && <p className="wrap-anywhere text-ink-2">{found.error}</p>}
        {found?.hint && <p className="wrap-anywhere text-ink-2">{found.hint}</p>}
      </div>
      {found && (
        <span className="text-sm text-ink-3">
          <Duration ms={found.duration_ms} />
        </span>
      )}
      {!found && (
        <Badge tone="queued" icon="slash">
          {words.notReached}
        </Badge>
      )}
      {found && (
        <Badge tone={found.ok ? "passed" : "failed"} icon={found.ok ? "passed" : "octagon"}>
          {found.ok ? words.ok : words.failed}
        </Badge>
      )}
    </li>
  );
}
