/** Sign-in: names the instance and its one method. Local mode signs in by itself. It must never put a token into a URL. */
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { SetupStatus } from "@/api/types";
import { BarePage, Trouble } from "@/components/access";
import { Banner, ButtonLink, ErrorState } from "@/components/ui/basics";
import { arrival } from "@/lib/arrival";
import { useRuntime } from "@/lib/instances/current";
import { isLoopbackAddress } from "@/lib/loopback";
import type { Notice } from "@/lib/notice";
import { setupStatusQuery } from "@/lib/queries";
import { useStore } from "@/lib/store";
import { signIn as words } from "@/messages/en/sign-in";
import { LocalMethod } from "./local-method";
import { Recovery } from "./recovery";
import { ProviderMethod, ProxyMethod } from "./remote-methods";

type Props = { next: string; notice: Notice | null };

export function SignInPage({ next, notice }: Props) {
  const runtime = useRuntime();
  const { host } = new URL(runtime.instance.url);
  const hasLink = useStore(arrival).recovery !== null;
  const [recovery, setRecovery] = useState<"none" | "trying" | ApiError>(hasLink ? "trying" : "none");
  if (hasLink && recovery !== "trying") setRecovery("trying");
  const refused = typeof recovery === "object" ? recovery : null;
  return (
    <BarePage title={words.title} heading={words.to(runtime.instance.label)}>
      {runtime.instance.label !== host && <p className="text-ink-2">{`${words.host}: ${host}`}</p>}
      {notice && recovery === "none" && <NoticeBanner notice={notice} />}
      <div className="card flex flex-col gap-4 p-5">
        {refused && <Trouble title={words.recovery.failed} reason={refused} />}
        {recovery === "trying" ? (
          <Recovery next={next} onRefused={setRecovery} />
        ) : (
          <Methods next={next} start={startOf(refused ? "ended" : notice)} />
        )}
      </div>
      <ButtonLink to="/connect" variant="ghost" className="self-start">
        {words.others}
      </ButtonLink>
    </BarePage>
  );
}

const HAS_LEFT: readonly (Notice | null)[] = ["signed_out", "signed_out_here", "ended"];

/** Who signed out or was put out wants to see that, not be signed in again at once. */
function startOf(notice: Notice | null): "automatic" | "ask" {
  return HAS_LEFT.includes(notice) ? "ask" : "automatic";
}

function NoticeBanner({ notice }: { notice: Notice }) {
  const { title, text } = words.notices[notice];
  return (
    <div role="status">
      <Banner tone="info" title={title}>
        {text && <p>{text}</p>}
      </Banner>
    </div>
  );
}

type MethodsProps = { next: string; start: "automatic" | "ask" };

function Methods({ next, start }: MethodsProps) {
  const runtime = useRuntime();
  const status = useQuery(setupStatusQuery(runtime));
  if (status.data) return <Method status={status.data} next={next} start={start} />;
  if (status.isError) {
    return (
      <ErrorState
        name={words.instance}
        error={toApiError(status.error)}
        onRetry={() => void status.refetch()}
      />
    );
  }
  return (
    <p role="status" className="text-ink-2">
      {words.checking}
    </p>
  );
}

function Method({ status, next, start }: MethodsProps & { status: SetupStatus }) {
  const { instance } = useRuntime();
  const isLocal = status.runtime_mode === "local";
  if (!status.is_configured && !(isLocal && isLoopbackAddress(instance.url)))
    return <Navigate to="/start" replace />;
  if (isLocal) return <LocalMethod next={next} start={start} isSetUp={status.is_configured} />;
  return status.remote_auth_mode === "oidc" ? <ProviderMethod next={next} /> : <ProxyMethod next={next} />;
}
