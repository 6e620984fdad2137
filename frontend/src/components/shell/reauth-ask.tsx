/** The question of the re-authentication dialog: in place, with an identity provider in a window beside it, and if there can be none by way of the sign-in page. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { LocalLoginRequest, SetupStatus } from "@/api/types";
import { Trouble } from "@/components/access";
import { Banner, Button, Dialog } from "@/components/ui";
import type { ReauthRequest, Runtime } from "@/lib/instances/runtime";
import { signInLocally, signInThroughProxy } from "@/lib/instances/sign-in";
import { bootstrapQuery, setupStatusQuery } from "@/lib/queries";
import { t } from "@/messages";
import { reauth as words } from "@/messages/en/reauth";
import { useSignInWindow, type WindowState } from "./reauth-window";

/** `onClose` is for what can't be loaded: a question that stands is answered, not closed. */
type Props = { runtime: Runtime; request: ReauthRequest; onClose: () => void };

export default function Ask({ runtime, request }: Props) {
  const router = useRouter();
  const ways = useQuery(setupStatusQuery(runtime));
  const status = ways.data;
  // Stays while the query tries again by itself.
  const unread = useRef<unknown>(null);
  if (ways.isError || status) unread.current = ways.error;
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const inPlace = status && inPlaceMethod(status);
  const signInWindow = useSignInWindow();
  async function goToSignIn() {
    request.resolve(false);
    const search = { next: router.state.location.href };
    await router.navigate({ to: "/login", search, state: { notice: request.reason }, ignoreBlocker: true });
    runtime.session.drop();
  }
  async function leave() {
    runtime.session.end();
    await router.navigate({ to: "/login", search: { signed_out: true }, ignoreBlocker: true });
  }
  async function again() {
    if (!inPlace) return signInWindow.open();
    setPending(true);
    setError(null);
    const before = runtime.session.current.get()?.userId;
    try {
      await inPlace(runtime);
      // The page was somebody else's. The same person's goes on by itself.
      const isSomebodyElse = runtime.session.current.get()?.userId !== before;
      if (isSomebodyElse) await router.navigate({ to: "/", ignoreBlocker: true });
    } catch (cause) {
      setError(toApiError(cause));
      setPending(false);
    }
  }
  const footer = (
    <>
      <Button onClick={() => void leave()}>{words.leave}</Button>
      {unread.current && !status ? (
        <Button variant="primary" pending={ways.isFetching} onClick={() => void ways.refetch()}>
          {t.action.retry}
        </Button>
      ) : (
        <Button variant="primary" pending={pending || !status} onClick={() => void again()}>
          {words.again}
        </Button>
      )}
    </>
  );
  const reason = error ?? (status || !unread.current ? null : toApiError(unread.current));
  const how = status && !inPlace ? words.besides : words.here;
  return (
    <Dialog
      title={words.titles[request.reason]}
      description={`${words.texts[request.reason]} ${how}`}
      footer={footer}
    >
      {reason && <Trouble title={words.failed} reason={reason} />}
      <WindowNote state={signInWindow.state} onLeave={() => void goToSignIn()} />
    </Dialog>
  );
}

function WindowNote({ state, onLeave }: { state: WindowState; onLeave: () => void }) {
  if (state === "none") return null;
  if (state === "open") return <p role="status">{words.window.open}</p>;
  return (
    <div role="alert">
      <Banner
        tone="warning"
        title={words.window[state]}
        actions={<Button onClick={onLeave}>{words.window.leavePage}</Button>}
      >
        {state === "closed" && <p>{words.window.closedText}</p>}
        <p>{words.window.instead}</p>
      </Banner>
    </div>
  );
}

/** An identity provider needs pages of its own; the other methods are one request. */
function inPlaceMethod(status: SetupStatus): ((runtime: Runtime) => Promise<void>) | null {
  if (status.runtime_mode === "local") return (runtime) => signInLocally(runtime, lastAccount(runtime));
  return status.remote_auth_mode === "trusted_proxy" ? signInThroughProxy : null;
}

/** Where several people have accounts, the one who was signed in is meant. */
function lastAccount(runtime: Runtime): LocalLoginRequest {
  const known = runtime.queryClient.getQueryData(bootstrapQuery(runtime).queryKey);
  return known ? { email: known.user.email } : {};
}
