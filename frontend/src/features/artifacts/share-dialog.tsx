/** Links that open one artifact without signing in: make one, see those there are, revoke. A link is shown once and not kept. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Artifact, ArtifactLink, NewArtifactLink } from "@/api/types";
import {
  Badge,
  Button,
  Choice,
  CopyLine,
  Dialog,
  Field,
  FormError,
  QueryView,
  Select,
  TimeAgo,
  useToasts,
} from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { t } from "@/messages";
import { share as words } from "@/messages/en/share";

const LIFETIMES = ["3600", "86400", "604800"] as const;
type Lifetime = (typeof LIFETIMES)[number];

const linksQuery = (rt: Runtime, artifactId: string) =>
  queryOptions({
    queryKey: rt.key("artifact-links", artifactId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/artifacts/{artifact_id}/scoped-tokens", { path: { artifact_id: artifactId }, signal }),
    staleTime: 0,
  });

type Props = { artifact: Artifact; onClose: () => void };

export default function ShareDialog({ artifact, onClose }: Props) {
  const footer = <Button onClick={onClose}>{t.action.close}</Button>;
  return (
    <Dialog
      title={words.title(artifact.name)}
      description={words.text}
      size="large"
      onClose={onClose}
      footer={footer}
    >
      <div className="flex flex-col gap-5">
        <Make artifactId={artifact.id} />
        <Links artifactId={artifact.id} />
      </div>
    </Dialog>
  );
}

function Make({ artifactId }: { artifactId: string }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const [lifetime, setLifetime] = useState<Lifetime>("86400");
  const [isSingle, setSingle] = useState(false);
  const [made, setMade] = useState<NewArtifactLink | null>(null);
  const { data } = useQuery(linksQuery(runtime, artifactId));
  const isRevoked = data?.tokens.some(({ id, is_revoked }) => id === made?.id && is_revoked);
  const make = () =>
    submission.run(async () => {
      const path = { artifact_id: artifactId };
      const body = { ttl_secs: Number(lifetime), single_use: isSingle };
      setMade(await runtime.api.post("/v1/artifacts/{artifact_id}/scoped-token", { path, body }));
      await cache.invalidateQueries({ queryKey: linksQuery(runtime, artifactId).queryKey });
    });
  return (
    <div className="flex flex-col gap-3">
      <Field label={words.lifetime}>
        <Select
          className="max-w-60"
          value={lifetime}
          onChange={({ target }) => setLifetime(LIFETIMES.find((one) => one === target.value) ?? "86400")}
        >
          {LIFETIMES.map((seconds) => (
            <option key={seconds} value={seconds}>
              {words.lifetimes[seconds]}
            </option>
          ))}
        </Select>
      </Field>
      <Choice
        kind="checkbox"
        label={words.single}
        text={words.singleText}
        checked={isSingle}
        onChange={({ target }) => setSingle(target.checked)}
      />
      <FormError error={submission.error} />
      <div>
        <Button variant="primary" pending={submission.pending} onClick={() => void make()}>
          {words.make}
        </Button>
      </div>
      {made && !isRevoked && (
        <div className="flex flex-col gap-1.5">
          <p role="status">{words.made}</p>
          <CopyLine text={made.download_url} />
        </div>
      )}
    </div>
  );
}

function Links({ artifactId }: { artifactId: string }) {
  const query = useQuery(linksQuery(useRuntime(), artifactId));
  return (
    <section aria-label={words.links} className="flex flex-col gap-2">
      <h3 className="font-medium">{words.links}</h3>
      <QueryView query={query} name={words.linksName}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p className="text-ink-2">{words.none}</p>
          ) : (
            <ul className="card divide-y divide-line">
              {tokens.map((link) => (
                <Row key={link.id} link={link} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

const LOOK = {
  active: { tone: "passed", icon: "passed" },
  used: { tone: "queued", icon: "check" },
  expired: { tone: "warning", icon: "clock" },
  revoked: { tone: "queued", icon: "slash" },
} as const;

function stateOf({ is_revoked, is_used, is_expired }: ArtifactLink): keyof typeof LOOK {
  if (is_revoked) return "revoked";
  if (is_used) return "used";
  return is_expired ? "expired" : "active";
}

function Row({ link }: { link: ArtifactLink }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const [pending, setPending] = useState(false);
  const state = stateOf(link);
  async function revoke() {
    setPending(true);
    try {
      await runtime.api.delete("/v1/artifact-tokens/{token_id}", { path: { token_id: link.id } });
      toast(words.revoked);
    } catch (cause) {
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: linksQuery(runtime, link.artifact_id).queryKey });
    setPending(false);
  }
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 grow basis-48">
        <p className="flex flex-wrap items-center gap-2">
          <code className="font-mono text-sm">{link.prefix}…</code>
          <Badge {...LOOK[state]}>{words.state[state]}</Badge>
          {link.single_use && <span className="text-sm text-ink-3">{words.once}</span>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-3">
          <span className="break-all">{words.by(link.created_by_email)}</span>
          <span>
            {words.until} <TimeAgo ahead at={link.expires_at} />
          </span>
          <span>
            {link.used_at ? (
              <>
                {words.used} <TimeAgo at={link.used_at} />
              </>
            ) : (
              words.never
            )}
          </span>
        </p>
      </div>
      {state === "active" && (
        <Button
          variant="ghost"
          pending={pending}
          aria-label={words.revokeOf(link.prefix)}
          onClick={() => void revoke()}
        >
          {words.revoke}
        </Button>
      )}
    </li>
  );
}
