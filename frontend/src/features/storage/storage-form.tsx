/** Choosing the place for new artifacts. Keys are asked again for another endpoint; typed ones stay in this form. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { ArtifactStorageSettings } from "@/api/types";
import { SaveRow } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import {
  AddressInput,
  Banner,
  Button,
  Field,
  FormError,
  Input,
  RadioGroup,
  useToasts,
} from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { storage as words } from "@/messages/en/storage";
import { isBucket, type Keys, keysAreStored, NO_KEYS, type Place, placeOf, requestOf } from "./place";
import { storageQuery } from "./queries";
import { TestRow } from "./test-section";

const PROVIDERS = (["local", "s3", "r2", "disabled"] as const).map((value) => ({
  value,
  ...words.providers[value],
}));

type Name = "folder" | "bucket" | "endpoint" | "keys";

/** Which field each refusal of the server is about. */
const ABOUT: Record<string, Name> = {
  invalid_local_base_dir: "folder",
  invalid_s3_bucket: "bucket",
  invalid_s3_endpoint: "endpoint",
  missing_s3_credentials: "keys",
};

export default function StorageForm({ settings }: { settings: ArtifactStorageSettings }) {
  return (
    <Pinned current={settings} versionOf={({ updated_at }) => updated_at ?? 0}>
      {(settings, onSaved) => <Form settings={settings} onSaved={onSaved} />}
    </Pinned>
  );
}

type FormProps = { settings: ArtifactStorageSettings; onSaved: (settings: ArtifactStorageSettings) => void };

function Form({ settings, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = placeOf(settings);
  const [place, setPlace] = useState(stored);
  const [keys, setKeys] = useState<Keys | null>(null);
  const [missing, setMissing] = useState<Name | null>(null);
  const hasKeys = keysAreStored(place, settings);
  const dirty = JSON.stringify(place) !== JSON.stringify(stored) || keys !== null;
  const refusal = submission.error;
  const about = refusal ? ABOUT[refusal.code] : undefined;
  useFocusFirstError(form, refusal ?? missing);
  const errorOf = (name: Name) => {
    if (missing === name) return t.form.required;
    return about === name ? (refusal?.message ?? null) : null;
  };
  const set = (patch: Partial<Place>) => setPlace({ ...place, ...patch });
  function save(event: FormEvent) {
    event.preventDefault();
    const empty = firstEmpty(place, hasKeys && keys === null ? "stored" : keys);
    setMissing(empty);
    if (empty) return;
    void submission.run(async () => {
      const body = requestOf(place, keys);
      const answer = await runtime.api.put("/v1/settings/artifact-storage", { body });
      cache.setQueryData(storageQuery(runtime).queryKey, answer);
      onSaved(answer.settings);
      setKeys(null);
      toast(words.saved);
    });
  }
  function discard() {
    setPlace(stored);
    setKeys(null);
    setMissing(null);
    submission.reset();
  }
  return (
    <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
      <RadioGroup
        label={words.provider}
        options={PROVIDERS}
        value={place.provider}
        onValue={(provider) => set({ provider })}
      />
      {place.provider === "local" && (
        <Field label={words.folder} help={words.folderHelp} optional error={errorOf("folder")}>
          <Input
            className="font-mono"
            spellCheck={false}
            value={place.folder}
            onChange={(event) => set({ folder: event.target.value })}
          />
        </Field>
      )}
      {isBucket(place.provider) && (
        <>
          <Bucket
            place={place}
            errorOf={errorOf}
            regionError={submission.errorOf("s3_region")}
            onPlace={set}
          />
          <KeyFields
            stored={hasKeys ? "yes" : settings.has_secret_access_key ? "elsewhere" : "no"}
            keys={keys}
            error={errorOf("keys")}
            onKeys={setKeys}
          />
        </>
      )}
      <FormError error={about ? null : refusal} />
      <SaveRow label={words.save} dirty={dirty} pending={submission.pending} onDiscard={discard} />
      {dirty && place.provider !== "disabled" && (
        <TestRow label={words.test.typed} settings={requestOf(place, keys)} />
      )}
    </form>
  );
}

function firstEmpty(place: Place, keys: Keys | null | "stored"): Name | null {
  if (!isBucket(place.provider)) return null;
  if (place.bucket.trim() === "") return "bucket";
  if (place.provider === "r2" && place.endpoint.trim() === "") return "endpoint";
  if (keys === "stored") return null;
  return !keys || keys.id.trim() === "" || keys.secret === "" ? "keys" : null;
}

type BucketProps = {
  place: Place;
  errorOf: (name: Name) => string | null;
  regionError: string | null;
  onPlace: (patch: Partial<Place>) => void;
};

function Bucket({ place, errorOf, regionError, onPlace }: BucketProps) {
  const isR2 = place.provider === "r2";
  return (
    <>
      <Field label={words.bucket} error={errorOf("bucket")}>
        <Input
          required
          spellCheck={false}
          autoComplete="off"
          value={place.bucket}
          onChange={(event) => onPlace({ bucket: event.target.value })}
        />
      </Field>
      <Field
        label={words.endpoint}
        help={words.endpointHelp[isR2 ? "r2" : "s3"]}
        optional={!isR2}
        error={errorOf("endpoint")}
      >
        <AddressInput
          value={place.endpoint}
          onChange={(event) => onPlace({ endpoint: event.target.value })}
        />
      </Field>
      {!isR2 && (
        <Field label={words.region} help={words.regionHelp} optional error={regionError}>
          <Input
            spellCheck={false}
            autoComplete="off"
            value={place.region}
            onChange={(event) => onPlace({ region: event.target.value })}
          />
        </Field>
      )}
    </>
  );
}

type KeyProps = {
  /** `elsewhere`: there are some, for another endpoint. */
  stored: "yes" | "no" | "elsewhere";
  keys: Keys | null;
  error: string | null;
  onKeys: (keys: Keys | null) => void;
};

/** Both or neither: an id without its secret opens nothing. */
function KeyFields({ stored, keys, error, onKeys }: KeyProps) {
  if (stored === "yes" && keys === null) {
    return (
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-ink-2">{words.keysStored}</span>
        <Button onClick={() => onKeys(NO_KEYS)}>{words.keysReplace}</Button>
      </div>
    );
  }
  const { id, secret } = keys ?? NO_KEYS;
  return (
    <>
      {stored === "elsewhere" && <Banner tone="info" title={words.keysAgain} />}
      <Field label={words.keyId} error={id === "" ? error : null}>
        <Input
          required
          spellCheck={false}
          autoComplete="off"
          value={id}
          onChange={(event) => onKeys({ id: event.target.value, secret })}
        />
      </Field>
      <Field label={words.secret} error={id === "" ? null : error}>
        <Input
          type="password"
          required
          spellCheck={false}
          autoComplete="new-password"
          value={secret}
          onChange={(event) => onKeys({ id, secret: event.target.value })}
        />
      </Field>
      {stored === "yes" && (
        <div>
          <Button variant="ghost" onClick={() => onKeys(null)}>
            {words.keysKeep}
          </Button>
        </div>
      )}
    </>
  );
}
