/** The addresses of the instance and the web pages that may call it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { NetworkSettings } from "@/api/types";
import { linesOf, SaveRow } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import {
  AddressInput,
  Banner,
  Fact,
  Facts,
  Field,
  FormError,
  QueryView,
  Section,
  Textarea,
  useToasts,
} from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { networkQuery } from "@/lib/preferences";
import { bootstrapQuery } from "@/lib/queries";
import { accessForms as access } from "@/messages/en/access-forms";
import { originOf, originProblem } from "./origins";
import type { Rights } from "./rights";

const words = access.network;

export function NetworkSection({ rights }: { rights: Rights }) {
  const query = useQuery(networkQuery(useRuntime()));
  return (
    <Section title={words.title}>
      <QueryView query={query} name={words.title}>
        {({ settings }) =>
          rights === "change" ? (
            <Pinned current={settings} versionOf={({ updated_at }) => updated_at ?? 0}>
              {(settings, onSaved) => <Form settings={settings} onSaved={onSaved} />}
            </Pinned>
          ) : (
            <Shown settings={settings} />
          )
        }
      </QueryView>
    </Section>
  );
}

function Shown({ settings }: { settings: NetworkSettings }) {
  return (
    <Facts>
      <Fact name={words.url}>{settings.public_url ?? "–"}</Fact>
      {settings.artifact_delivery_url && <Fact name={words.delivery}>{settings.artifact_delivery_url}</Fact>}
      <Fact name={words.origins}>
        {settings.allowed_origins.length === 0
          ? "–"
          : settings.allowed_origins.map((origin) => <p key={origin}>{origin}</p>)}
      </Fact>
    </Facts>
  );
}

/** Which field each refusal of the server is about. */
const ABOUT: Record<string, "url" | "delivery" | "origins"> = {
  external_access_public_url_missing: "url",
  external_access_https_required: "url",
  external_access_origin_not_allowed: "origins",
  artifact_delivery_url_invalid: "delivery",
  artifact_delivery_https_required: "delivery",
  artifact_delivery_public_url_required: "delivery",
};

type Problem = { field: "url" | "origins"; text: string };

function problemIn(url: string, origins: string[]): Problem | null {
  if (url !== "" && originOf(url) === null) return { field: "url", text: words.notUrl };
  const wrong = originProblem(origins);
  if (!wrong) return null;
  const { text, suggestion } = wrong;
  const advice = suggestion ? words.suggestion(suggestion) : null;
  return { field: "origins", text: [words.notOrigin(text), advice].filter(Boolean).join(" ") };
}

type FormProps = { settings: NetworkSettings; onSaved: (settings: NetworkSettings) => void };

function Form({ settings, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = {
    url: settings.public_url ?? "",
    delivery: settings.artifact_delivery_url ?? "",
    origins: settings.allowed_origins.join("\n"),
  };
  const [value, setValue] = useState(stored);
  const [problem, setProblem] = useState<Problem | null>(null);
  const dirty = JSON.stringify(value) !== JSON.stringify(stored);
  const refusal = submission.error;
  const about = refusal ? ABOUT[refusal.code] : undefined;
  const errorOf = (field: "url" | "delivery" | "origins") => {
    if (problem?.field === field) return problem.text;
    if (about === field) return refusal?.message ?? null;
    return field === "url" ? submission.errorOf("public_url") : null;
  };
  useFocusFirstError(form, refusal ?? problem);
  function save(event: FormEvent) {
    event.preventDefault();
    const origins = linesOf(value.origins);
    const found = problemIn(value.url.trim(), origins);
    setProblem(found);
    if (found) return;
    void submission.run(async () => {
      const answer = await runtime.api.put("/v1/settings/external-access/network", {
        body: {
          public_url: value.url.trim() || null,
          artifact_delivery_url: value.delivery.trim() || null,
          allowed_origins: origins,
        },
      });
      cache.setQueryData(networkQuery(runtime).queryKey, answer);
      onSaved(answer.settings);
      toast(access.saved(words.title));
      void cache.invalidateQueries({ queryKey: runtime.key("access", "preflight") });
      await cache.invalidateQueries({ queryKey: bootstrapQuery(runtime).queryKey });
    });
  }
  return (
    <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
      <p className="text-sm text-ink-3">{words.source[settings.source]}</p>
      <Field label={words.url} help={words.urlHelp} optional error={errorOf("url")}>
        <AddressInput
          value={value.url}
          onChange={(event) => setValue({ ...value, url: event.target.value })}
        />
      </Field>
      <Field label={words.origins} help={words.originsHelp} optional error={errorOf("origins")}>
        <Textarea
          rows={3}
          spellCheck={false}
          className="font-mono"
          value={value.origins}
          onChange={(event) => setValue({ ...value, origins: event.target.value })}
        />
      </Field>
      <OwnOrigin origins={linesOf(value.origins)} />
      <Field label={words.delivery} help={words.deliveryHelp} optional error={errorOf("delivery")}>
        <AddressInput
          value={value.delivery}
          onChange={(event) => setValue({ ...value, delivery: event.target.value })}
        />
      </Field>
      <FormError error={about ? null : refusal} />
      <SaveRow
        label={words.save}
        dirty={dirty}
        pending={submission.pending}
        onDiscard={() => setValue(stored)}
      />
    </form>
  );
}

/** Only another origin than the instance's own can shut itself out by a missing line. */
function OwnOrigin({ origins }: { origins: string[] }) {
  const { instance } = useRuntime();
  const here = window.location.origin;
  if (originOf(instance.url) === here || origins.includes(here)) return null;
  return <Banner tone="warning" title={words.ownMissing(here)} />;
}
