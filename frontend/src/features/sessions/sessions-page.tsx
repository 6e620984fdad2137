/** Where a person is signed in: this session marked, one or all others ended. This one is ended by signing out. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "@/api/types";
import { ACCOUNT_PARENTS, AccountFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Badge, Button, ConfirmDialog, QueryView, TimeAgo, useToasts } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { sessions as words } from "@/messages/en/sessions";
import { programOf } from "./program";
import { endOtherSessions, endSession, sessionsQuery } from "./queries";

export function SessionsPage() {
  const query = useQuery(sessionsQuery(useRuntime()));
  const others = query.data?.sessions.filter((session) => !session.current) ?? [];
  return (
    <AccountFrame>
      <Page title={words.title} parents={ACCOUNT_PARENTS} actions={others.length > 0 && <EndOthers />}>
        <QueryView query={query} name={words.title}>
          {({ sessions }) => (
            <div className="flex max-w-3xl flex-col gap-4">
              <p className="text-ink-2">{words.text}</p>
              <ul aria-label={words.list} className="card divide-y divide-line">
                {currentFirst(sessions).map((session) => (
                  <Row key={session.id} session={session} />
                ))}
              </ul>
              {others.length === 0 && <p className="text-ink-2">{words.noOthers}</p>}
            </div>
          )}
        </QueryView>
      </Page>
    </AccountFrame>
  );
}

function currentFirst(sessions: Session[]): Session[] {
  return [...sessions].sort((a, b) => Number(b.current) - Number(a.current) || b.created_at - a.created_at);
}

function nameOf({ user_agent }: Session): string {
  const { name, system } = programOf(user_agent);
  if (name && system) return words.on(name, system);
  return name ?? system ?? words.unknown;
}

function Row({ session }: { session: Session }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const [pending, setPending] = useState(false);
  const name = nameOf(session);
  async function end() {
    setPending(true);
    try {
      await endSession(runtime, session.id);
      toast(words.ended(name));
    } catch (cause) {
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: runtime.key("sessions") });
    setPending(false);
  }
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-3">
      <div className="min-w-0 grow basis-60">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span title={session.user_agent ?? undefined}>{name}</span>
          {session.current && (
            <Badge tone="passed" icon="check">
              {words.current}
            </Badge>
          )}
        </p>
        <p className="flex flex-wrap gap-x-2 text-sm text-ink-2">
          <span>
            {words.since} <TimeAgo at={session.created_at} />
            {session.source && <> {words.from(session.source)}</>},
          </span>
          <span>
            {words.until} <TimeAgo ahead at={session.expires_at} />
          </span>
        </p>
      </div>
      {!session.current && (
        <Button pending={pending} aria-label={words.endLabel(name)} onClick={() => void end()}>
          {words.end}
        </Button>
      )}
    </li>
  );
}

function EndOthers() {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const [asking, setAsking] = useState(false);
  const end = () =>
    submission.run(async () => {
      const ended = await endOtherSessions(runtime);
      setAsking(false);
      toast(words.othersEnded(ended));
      await cache.invalidateQueries({ queryKey: runtime.key("sessions") });
    });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{words.endOthers}</Button>
      {asking && (
        <ConfirmDialog
          title={words.othersTitle}
          intro={words.othersIntro}
          consequences={words.othersConsequences}
          confirmLabel={words.endOthers}
          pending={submission.pending}
          error={submission.error && reasonOf(submission.error)}
          onConfirm={() => void end()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
