/** Changing one's own address, as long as no identity provider vouches for it. The server checks it. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Banner, Button, Field, FormError, Input, LeaveGuard, Section, useToasts } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";
import { account } from "@/messages/later";

const words = account.address;
const ABOUT_ADDRESS = ["invalid_email", "email_exists"];

type Props = { email: string; isBehindProxy: boolean };

/** Behind a proxy the server takes a new address on its own machine only, which the capability does not say. */
export function AddressForm({ email, isBehindProxy }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const [value, setValue] = useState(email);
  const [empty, setEmpty] = useState(false);
  const refusal = submission.error;
  const about = refusal && ABOUT_ADDRESS.includes(refusal.code);
  const dirty = value !== email;
  useFocusFirstError(form, refusal ?? empty);
  function save(event: FormEvent) {
    event.preventDefault();
    const isEmpty = value.trim() === "";
    setEmpty(isEmpty);
    if (isEmpty) return;
    void submission.run(async () => {
      await runtime.api.patch("/v1/users/me", { body: { email: value.trim() } });
      toast(words.done);
      await cache.invalidateQueries({ queryKey: bootstrapQuery(runtime).queryKey });
    });
  }
  return (
    <Section title={words.title}>
      <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
        <LeaveGuard dirty={dirty && !submission.pending} />
        {isBehindProxy && <Banner tone="info" title={words.behindProxy} />}
        {/@local$/i.test(email) && <Banner tone="info" title={words.placeholder} />}
        <Field
          label={words.title}
          help={words.help}
          error={empty ? t.form.required : about ? refusal.message : null}
        >
          <Input
            type="email"
            autoComplete="email"
            spellCheck={false}
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </Field>
        <FormError error={about ? null : refusal} />
        <div>
          <Button type="submit" variant="primary" pending={submission.pending}>
            {words.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}
