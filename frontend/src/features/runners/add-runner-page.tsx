/**
 * Adding a runner: a command with a token that is good once, then waiting until the machine is there. The token stays in
 * this page's state; nothing of it is kept.
 */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { NewEnrolment, Runner } from "@/api/types";
import { Page } from "@/components/shell";
import {
  Banner,
  Button,
  ButtonLink,
  CopyLine,
  DeniedState,
  ErrorState,
  FormError,
  QueryView,
  RunnerBadge,
  Section,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useNow } from "@/lib/clock";
import { useSubmission } from "@/lib/form";
import { formatClock } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery, runnersQuery } from "@/lib/queries";
import { runnerPages } from "@/messages/en/runner-pages";
import { addressFor, newcomer, registerCommand } from "./joining";

const words = runnerPages.add;

export function AddRunnerPage() {
  const query = useQuery(bootstrapQuery(useRuntime()));
  const can = useCan();
  return (
    <Page title={words.title} parents={[{ label: runnerPages.title, to: { to: "/runners" } }]}>
      <QueryView query={query} name={words.title}>
        {(bootstrap) =>
          can("runners.write") ? (
            <Steps publicUrl={bootstrap.instance.public_url ?? null} me={bootstrap.user.id} />
          ) : (
            <DeniedState />
          )
        }
      </QueryView>
    </Page>
  );
}

/** Whoever comes is among the newest, however many there are. */
const NEWEST = { sort: "created_at", direction: "desc", limit: 100 } as const;

/** A command, and the runners there were before it. */
type Offer = NewEnrolment & { known: ReadonlySet<string> };

function Steps({ publicUrl, me }: { publicUrl: string | null; me: string }) {
  const runtime = useRuntime();
  const submission = useSubmission();
  const query = useQuery(runnersQuery(runtime, NEWEST));
  const [offer, setOffer] = useState<Offer | null>(null);
  const address = addressFor(publicUrl ?? runtime.instance.url);
  const joined = offer && newcomer(query.data?.runners ?? [], offer.known, me);
  const make = () =>
    submission.run(async () => {
      const { runners } = await runtime.api.get("/v1/runners", { query: NEWEST });
      const made = await runtime.api.post("/v1/runners/enrolments", {});
      setOffer({ ...made, known: new Set(runners.map((runner) => runner.id)) });
    });
  return (
    <div className="flex max-w-3xl flex-col gap-6">
      <p className="max-w-[70ch] text-ink-2">{words.text}</p>
      {address.problem && (
        <Banner
          tone={address.problem === "exposed" ? "warning" : "info"}
          title={words.address[address.problem].title}
        >
          <p>{words.address[address.problem].text}</p>
        </Banner>
      )}
      <Section title={words.registerTitle}>
        {offer ? (
          <Command
            command={registerCommand(address.url, offer.token)}
            expiresAt={offer.expires_at}
            used={joined !== null}
            pending={submission.pending}
            onAgain={() => void make()}
          />
        ) : (
          <>
            <p className="text-ink-2">{words.registerText}</p>
            <span>
              <Button variant="primary" pending={submission.pending} onClick={() => void make()}>
                {words.make}
              </Button>
            </span>
          </>
        )}
        <FormError error={submission.error} />
      </Section>
      {offer && (
        <>
          <Section title={words.startTitle}>
            <p className="text-ink-2">{words.startText}</p>
            <CopyLine text={words.serviceCommand} />
            <p className="text-ink-2">{words.foregroundText}</p>
            <CopyLine text={words.startCommand} />
          </Section>
          <Section title={words.waitTitle}>
            {query.error && !joined ? (
              <ErrorState
                name={runnerPages.title}
                error={toApiError(query.error)}
                onRetry={() => void query.refetch()}
              />
            ) : (
              <Progress joined={joined} />
            )}
          </Section>
        </>
      )}
    </div>
  );
}

type CommandProps = {
  command: string;
  expiresAt: number;
  used: boolean;
  pending: boolean;
  onAgain: () => void;
};

function Command({ command, expiresAt, used, pending, onAgain }: CommandProps) {
  const now = useNow("minute");
  if (used) return <p className="text-ink-2">{words.used}</p>;
  if (now < expiresAt * 1000) {
    return (
      <>
        <CopyLine text={command} />
        <p className="text-sm text-ink-3">{words.until(formatClock(expiresAt * 1000))}</p>
      </>
    );
  }
  return (
    <Banner
      tone="warning"
      title={words.expired}
      actions={
        <Button pending={pending} onClick={onAgain}>
          {words.again}
        </Button>
      }
    />
  );
}

/** Said aloud as it changes: whoever waits may be looking at another machine. */
function Progress({ joined }: { joined: Runner | null }) {
  const isThere = joined !== null && joined.status !== "offline";
  return (
    <div role="status" className="card flex flex-col items-start gap-2 px-4 py-4">
      {joined === null && <p className="text-ink-2">{words.waiting}</p>}
      {joined && (
        <p className="flex flex-wrap items-center gap-2">
          {isThere ? words.online(joined.name) : words.registered(joined.name)}
          <RunnerBadge status={joined.status} />
        </p>
      )}
      {joined && isThere && (
        <ButtonLink to="/runners/$runnerId" params={{ runnerId: joined.id }} variant="primary">
          {words.show(joined.name)}
        </ButtonLink>
      )}
    </div>
  );
}
