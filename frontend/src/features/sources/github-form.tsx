/** Connecting GitHub: the instance makes an app there by its manifest, which the person installs. The rest happens at GitHub. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { leaveFor, OwnPageBanner, useIsOwnPage, webhookAddress } from "@/components/sources";
import {
  AddressInput,
  Banner,
  Button,
  ButtonLink,
  Field,
  FormError,
  Input,
  RadioGroup,
} from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { pageAddress, useRuntime } from "@/lib/instances/current";
import { networkQuery } from "@/lib/preferences";
import { t } from "@/messages";
import { connect } from "@/messages/en/connect";

const words = connect.github;

type Place = keyof typeof words.places;
type Value = {
  place: Place;
  host: string;
  organization: string;
  webhook: string | null;
  /** When somebody went to GitHub from here, in ms. */
  left: number;
};

/** As long as the daemon takes an answer. */
const TRIP_MS = 600_000;
const EMPTY: Value = { place: "public", host: "", organization: "", webhook: null, left: 0 };
const PLACES = (["public", "enterprise"] as const).map((value) => ({ value, ...words.places[value] }));

export function GitHubForm() {
  return useIsOwnPage() ? <Form /> : <OwnPageBanner path="/settings/integrations/new" />;
}

function Form() {
  const runtime = useRuntime();
  const draft = useDraft<Value>(`${runtime.instance.id}.connect-github`, EMPTY);
  const { data } = useQuery(networkQuery(runtime));
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  // Only what an earlier visit of this page left behind: on the way out nothing is unfinished yet.
  const [arrivedAt] = useState(() => Date.now());
  const { left } = draft.value;
  const isUnfinished = left < arrivedAt && arrivedAt - left < TRIP_MS;
  const [missing, setMissing] = useState<"host" | "webhook" | null>(null);
  const { place, host, organization } = draft.value;
  const webhook =
    draft.value.webhook ?? webhookAddress("github", data?.settings.public_url ?? runtime.instance.url);
  useFocusFirstError(form, submission.error ?? missing);
  function submit(event: FormEvent) {
    event.preventDefault();
    const noHost = place === "enterprise" && host.trim() === "";
    const empty = noHost ? "host" : webhook.trim() === "" ? "webhook" : null;
    setMissing(empty);
    if (empty) return;
    void submission.run(async () => {
      const body = {
        webhook_url: webhook.trim(),
        redirect_url: pageAddress(runtime.instance, "/settings/integrations"),
        host_url: place === "enterprise" ? host.trim() : undefined,
        organization: organization.trim() || undefined,
      };
      const { create_url } = await runtime.api.post("/v1/integrations/github/start", {
        body,
      });
      draft.change({ left: Date.now() });
      leaveFor(create_url);
    });
  }
  return (
    <>
      {isUnfinished && <Unfinished onDismiss={() => draft.change({ left: 0 })} />}
      <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
        <div>
          <h2 className="font-medium">{words.what}</h2>
          <ol className="list-decimal ps-5 text-ink-2">
            {words.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
        <RadioGroup
          label={words.where}
          options={PLACES}
          value={place}
          onValue={(next) => draft.change({ place: next })}
        />
        {place === "enterprise" && (
          <Field
            label={words.host}
            help={words.hostHelp}
            error={missing === "host" ? t.form.required : submission.errorOf("host_url")}
          >
            <AddressInput
              required
              value={host}
              onChange={(event) => draft.change({ host: event.target.value })}
            />
          </Field>
        )}
        <Field
          label={words.organization}
          help={words.organizationHelp}
          optional
          error={submission.errorOf("organization")}
        >
          <Input
            autoComplete="off"
            spellCheck={false}
            value={organization}
            onChange={(event) => draft.change({ organization: event.target.value })}
          />
        </Field>
        <Field
          label={words.webhook}
          help={words.webhookHelp}
          error={missing === "webhook" ? t.form.required : submission.errorOf("webhook_url")}
        >
          <AddressInput
            required
            value={webhook}
            onChange={(event) => draft.change({ webhook: event.target.value })}
          />
        </Field>
        <FormError error={submission.error} />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" icon="arrow" pending={submission.pending}>
            {words.submit}
          </Button>
          <p className="text-sm text-ink-3">{words.minutes}</p>
        </div>
      </form>
    </>
  );
}

/** Somebody went and was not seen coming back here: the app may have been made, or not. */
function Unfinished({ onDismiss }: { onDismiss: () => void }) {
  const actions = (
    <>
      <ButtonLink to="/settings/integrations" search={{ provider: "github" }}>
        {words.toList}
      </ButtonLink>
      <Button variant="ghost" onClick={onDismiss}>
        {t.action.dismiss}
      </Button>
    </>
  );
  return (
    <Banner tone="info" title={words.leftTitle} actions={actions}>
      <p>{words.leftText}</p>
    </Banner>
  );
}
