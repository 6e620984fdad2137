/** Signing in on the machine itself: by itself if `start` says so, with an e-mail field where several people have accounts. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Trouble } from "@/components/access";
import { Button, ButtonLink, CopyLine, Field, Input, Skeleton } from "@/components/ui/basics";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally } from "@/lib/instances/sign-in";
import { signIn as words } from "@/messages/en/sign-in";
import { useSignIn } from "./use-sign-in";

type Props = {
  next: string;
  start: "automatic" | "ask";
  isSetUp: boolean;
  /** What is said above the button, and how much it stands out: the way of most people, or one beside it. */
  text?: string;
  variant?: "primary" | "secondary";
};

export function LocalMethod(props: Props) {
  const { next, start, isSetUp, text = words.local.text, variant = "primary" } = props;
  const runtime = useRuntime();
  const [email, setEmail] = useState("");
  const [asksEmail, setAsksEmail] = useState(false);
  const { pending, error, run } = useSignIn(next);
  const started = useRef(start === "ask");
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    run(() => signInLocally(runtime));
  }, [run, runtime]);
  useEffect(() => {
    if (error?.code === "email_required") setAsksEmail(true);
  }, [error]);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asksEmail && !pending) field.current?.focus();
  }, [asksEmail, pending]);
  function submit(event: FormEvent) {
    event.preventDefault();
    run(() => signInLocally(runtime, email.trim() ? { email: email.trim() } : {}));
  }
  if (pending || (start === "automatic" && !error)) {
    return (
      <div className="flex flex-col gap-2">
        <p role="status">{words.local.working}</p>
        <Skeleton className="h-2 w-full" />
      </div>
    );
  }
  const isElsewhere = error?.code === "local_login_loopback_required";
  // The first "who are you?" is a question, not a failure.
  const isQuestion = error?.code === "email_required" && email.trim() === "";
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <p className="text-ink-2">{text}</p>
      {error && !isQuestion && (
        <Trouble title={words.failed} reason={error} email={email.trim()}>
          {isElsewhere && <OnTheMachine />}
        </Trouble>
      )}
      {asksEmail && (
        <Field label={words.local.email} help={words.local.emailHelp}>
          <Input
            ref={field}
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            required
          />
        </Field>
      )}
      <Button type="submit" variant={variant}>
        {words.local.button}
      </Button>
      {isElsewhere && !isSetUp && <ButtonLink to="/start">{words.local.toSetUp}</ButtonLink>}
    </form>
  );
}

function OnTheMachine() {
  const { port } = new URL(useRuntime().instance.url);
  return (
    <>
      <p>{words.local.fromElsewhere}</p>
      <CopyLine text={`http://localhost:${port || 8787}`} />
    </>
  );
}
