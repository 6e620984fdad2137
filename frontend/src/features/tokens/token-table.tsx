/** The rows of the list of API tokens, and revoking one. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiToken } from "@/api/types";
import { Cell, Head, Table } from "@/components/settings";
import { Badge, Button, ConfirmDialog, TimeAgo, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { tokens as words } from "@/messages/en/tokens";
import { roles } from "@/messages/later";
import { statusOf } from "./status";

const LOOK = {
  active: { tone: "passed", icon: "passed" },
  expired: { tone: "warning", icon: "clock" },
  revoked: { tone: "queued", icon: "slash" },
} as const;

export function TokenTable({ tokens }: { tokens: ApiToken[] }) {
  const can = useCan();
  const [asking, setAsking] = useState<ApiToken | null>(null);
  const head = (
    <>
      <Head>{words.columns.name}</Head>
      <Head show="wide">{words.columns.role}</Head>
      <Head show="wide">{words.columns.status}</Head>
      <Head show="wide">{words.columns.used}</Head>
      <Head show="wide">{words.columns.expires}</Head>
      <Head>
        <span className="sr-only">{words.columns.actions}</span>
      </Head>
    </>
  );
  return (
    <>
      <Table label={words.title} head={head}>
        {tokens.map((token) => (
          <tr key={token.id} className="hover:bg-canvas">
            <Cell>
              <Name token={token} />
            </Cell>
            <Cell show="wide">{roles.instance[token.role]}</Cell>
            <Cell show="wide">
              <Status token={token} />
            </Cell>
            <Cell show="wide">
              <span className="text-ink-2">
                {token.last_used_at ? <TimeAgo at={token.last_used_at} /> : words.never}
              </span>
            </Cell>
            <Cell show="wide">
              <span className="text-ink-2">
                {token.expires_at ? <TimeAgo ahead at={token.expires_at} /> : words.noExpiry}
              </span>
            </Cell>
            <Cell>
              {can("api_tokens.delete") && !token.is_revoked && (
                <div className="flex justify-end">
                  <Button
                    variant="ghost"
                    aria-label={words.revoke.label(token.name)}
                    onClick={() => setAsking(token)}
                  >
                    {words.revoke.open}
                  </Button>
                </div>
              )}
            </Cell>
          </tr>
        ))}
      </Table>
      {asking && <RevokeDialog token={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

function Status({ token }: { token: ApiToken }) {
  const status = statusOf(token);
  const { tone, icon } = LOOK[status];
  return (
    <Badge tone={tone} icon={icon}>
      {words.status[status]}
    </Badge>
  );
}

function Name({ token }: { token: ApiToken }) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const isOwn = token.created_by === data?.user.id;
  return (
    <div className="min-w-0">
      <p className="font-medium break-words">{token.name}</p>
      <p className="text-sm text-ink-3">
        <code className="font-mono">{token.prefix}…</code>
        {!isOwn && <span className="ms-2 break-all">{words.by(token.created_by_email)}</span>}
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-2 text-sm text-ink-2 md:hidden">
        {roles.instance[token.role]} <Status token={token} />
      </p>
    </div>
  );
}

function RevokeDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const revoke = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/api-tokens/{token_id}", { path: { token_id: token.id } });
      onClose();
      toast(words.revoke.done(token.name));
      await cache.invalidateQueries({ queryKey: runtime.key("tokens") });
    });
  return (
    <ConfirmDialog
      title={words.revoke.title(token.name)}
      intro={words.revoke.intro}
      consequences={words.revoke.consequences}
      confirmLabel={words.revoke.open}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void revoke()}
      onClose={onClose}
    />
  );
}
