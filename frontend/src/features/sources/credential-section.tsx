/**
 * The credential of a GitLab source: checked on request, replaced, or authorised again. It is loaded where it is shown, since
 * other sources have none. It must not know a secret: those stay in their forms.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GitLabCredentialStatus, Integration } from "@/api/types";
import { OwnPageBanner, useAuthorize, useIsOwnPage } from "@/components/sources";
import { Badge, Button, Fact, Facts, FormError, onRequest, Section, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { sourceCredential as words } from "@/messages/en/source-credential";

/** Loaded when it is first asked. */
const ReplaceDialog = onRequest(() => import("./replace-dialog"));

const LOOK = {
  valid: { tone: "passed", icon: "passed" },
  expiring: { tone: "warning", icon: "clock" },
  expired: { tone: "failed", icon: "octagon" },
  rejected: { tone: "failed", icon: "octagon" },
  unknown: { tone: "queued", icon: "alert" },
} as const;

export default function CredentialSection({ source }: { source: Integration }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const can = useCan();
  const [replacing, setReplacing] = useState(false);
  const check = useSubmission();
  const [found, setFound] = useState<GitLabCredentialStatus | null>(null);
  const look = () =>
    check.run(async () => {
      const path = { id: source.id };
      setFound(await runtime.api.post("/v1/integrations/{id}/gitlab-token/check", { path }));
      // A check opens and closes incidents.
      await cache.invalidateQueries({ queryKey: runtime.key("sources") });
    });
  const authorize = useAuthorize(source.id);
  const isOwnPage = useIsOwnPage();
  if (source.status === "inactive") return null;
  const isToken = source.auth_mode === "personal_token";
  const mayAuthorize = can("integrations.write") && !isToken;
  const actions = (
    <div className="flex flex-wrap gap-2">
      <Button icon="check" pending={check.pending} onClick={() => void look()}>
        {words.check}
      </Button>
      {can("integrations.write") && isToken && (
        <Button onClick={() => setReplacing(true)}>{words.replace}</Button>
      )}
      {mayAuthorize && isOwnPage && (
        <>
          <Button pending={authorize.pending} onClick={() => authorize.go()}>
            {words.authorizeAgain}
          </Button>
          <Button pending={authorize.pending} onClick={() => authorize.go(true)}>
            {words.authorizeReports}
          </Button>
        </>
      )}
    </div>
  );
  return (
    <Section title={words.title} actions={actions}>
      <div aria-live="polite" className="flex flex-col gap-2">
        {found && <Found found={found} />}
        <FormError error={check.error} />
        <FormError error={authorize.error} />
      </div>
      {mayAuthorize && !isOwnPage && <OwnPageBanner path={`/settings/integrations/${source.id}`} />}
      <p className="text-sm text-ink-3">{words.daily}</p>
      <p className="text-sm text-ink-3">{isToken ? words.reportsToken : words.reportsApplication}</p>
      {replacing && (
        <ReplaceDialog
          sourceId={source.id}
          onDone={() => {
            setFound(null);
            setReplacing(false);
          }}
          onClose={() => setReplacing(false)}
        />
      )}
    </Section>
  );
}

function Found({ found }: { found: GitLabCredentialStatus }) {
  const { tone, icon } = LOOK[found.status];
  return (
    <Facts>
      <Fact name={words.title}>
        <Badge tone={tone} icon={icon}>
          {words.status[found.status]}
        </Badge>
      </Fact>
      <Fact name={words.ends}>
        {found.expires_at ? <TimeAgo ahead at={found.expires_at} /> : words.noEnd}
      </Fact>
      <Fact name={words.checked}>
        <TimeAgo at={found.checked_at} />
      </Fact>
    </Facts>
  );
}
