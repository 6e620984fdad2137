/** Asks to sign in again when the session ended, over the page, so that nothing typed is lost. It must not reload. */
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import { Button, Dialog } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import type { ReauthRequest, Runtime } from "@/lib/instances/runtime";
import { signInLocally } from "@/lib/instances/sign-in";
import { useStore } from "@/lib/store";
import { t } from "@/messages";

export function ReauthDialog() {
  const runtime = useRuntime();
  const request = useStore(runtime.reauth);
  return request ? <Ask runtime={runtime} request={request} /> : null;
}

function Ask({ runtime, request }: { runtime: Runtime; request: ReauthRequest }) {
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  async function again() {
    setPending(true);
    try {
      await signInLocally(runtime);
      request.resolve(true);
    } catch (cause) {
      setError(toApiError(cause));
      setPending(false);
    }
  }
  async function leave() {
    runtime.session.end();
    request.resolve(false);
    runtime.clear();
    await router.navigate({ to: "/login", search: { signed_out: true }, ignoreBlocker: true });
  }
  const footer = (
    <>
      <Button onClick={() => void leave()}>{t.shell.session.leave}</Button>
      <Button variant="primary" pending={pending} onClick={() => void again()}>
        {t.shell.session.again}
      </Button>
    </>
  );
  return (
    <Dialog title={t.shell.session.title} description={t.shell.session.text} footer={footer}>
      {error && (
        <p role="alert" className="rounded bg-failed-tint px-3 py-2 text-failed">
          {t.signIn.hints[error.code] ?? error.message}
        </p>
      )}
    </Dialog>
  );
}
