/** Sign-in: names the instance and its one method. Local mode signs in by itself. It must never put a token into a URL. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { SetupStatus } from "@/api/types";
import { Mark } from "@/components/shell";
import { Button, CopyLine, ErrorState, Field, Input, Skeleton } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { signInLocally } from "@/lib/instances/sign-in";
import { t } from "@/messages";

type Props = { next: string; mode: "automatic" | "ask" };

export function SignInPage({ next, mode }: Props) {
  const runtime = useRuntime();
  const status = useQuery({
    queryKey: runtime.key("setup-status"),
    queryFn: ({ signal }) => runtime.api.get("/v1/public/setup-status", { signal }),
    staleTime: 0,
  });
  useEffect(() => {
    document.title = `${t.signIn.title} – ${t.product}`;
  }, []);
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-4 px-4 py-8"
    >
      <Mark className="size-10" />
      <h1 className="text-xl font-semibold">{t.signIn.to(runtime.instance.label)}</h1>
      <div className="card flex flex-col gap-4 p-5">
        {status.data && <Method status={status.data} next={next} mode={mode} />}
        {status.isError && (
          <ErrorState
            name={runtime.instance.label}
            error={toApiError(status.error)}
            onRetry={() => void status.refetch()}
          />
        )}
        {status.isPending && (
          <p role="status" className="text-ink-2">
            {t.signIn.checking}
          </p>
        )}
      </div>
    </main>
  );
}

function Method({ status, next, mode }: Props & { status: SetupStatus }) {
  if (status.runtime_mode === "local") return <Local next={next} mode={mode} />;
  return (
    <>
      <p>{t.signIn.remote[status.remote_auth_mode]}</p>
      <p className="text-ink-2">{t.signIn.remoteLater}</p>
    </>
  );
}

function Local({ next, mode }: Props) {
  const runtime = useRuntime();
  const [email, setEmail] = useState("");
  const signIn = useSignIn(next, () => signInLocally(runtime, email.trim() || undefined));
  const started = useRef(mode === "ask");
  const { run } = signIn;
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void run();
  }, [run]);
  function submit(event: FormEvent) {
    event.preventDefault();
    void run();
  }
  const working = signIn.pending || (mode === "automatic" && !signIn.error);
  if (working) {
    return (
      <div className="flex flex-col gap-2">
        <p role="status">{t.signIn.working}</p>
        <Skeleton className="h-2 w-full" />
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {mode === "ask" && !signIn.error && <p role="status">{t.signIn.signedOut}</p>}
      <p className="text-ink-2">{t.signIn.local}</p>
      {signIn.error && <Failure error={signIn.error} />}
      {signIn.error?.code === "email_required" && (
        <Field label={t.signIn.email} help={t.signIn.emailHelp}>
          <Input
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            required
          />
        </Field>
      )}
      <Button type="submit" variant="primary">
        {t.signIn.button}
      </Button>
    </form>
  );
}

function Failure({ error }: { error: ApiError }) {
  return (
    <div role="alert" className="flex flex-col gap-1.5 rounded bg-failed-tint px-3 py-2.5">
      <p className="font-medium text-failed">{t.signIn.failed}</p>
      <p>{t.signIn.hints[error.code] ?? error.hint ?? error.message}</p>
      {error.requestId && <CopyLine text={error.requestId} />}
    </div>
  );
}

function useSignIn(next: string, action: () => Promise<void>) {
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  async function run() {
    setPending(true);
    setError(null);
    try {
      await action();
      await router.navigate({ href: next, replace: true });
    } catch (cause) {
      setError(toApiError(cause));
      setPending(false);
    }
  }
  return { pending, error, run };
}
