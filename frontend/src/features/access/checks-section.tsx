/** What must be in order before others are let in, as the server checks it. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { PreflightCheck } from "@/api/types";
import { Badge, Button, QueryView, Section } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import type { Stored } from "@/lib/ways";
import { access } from "@/messages/en/access";

const words = access.checks;

/** What must be in order for `target`; without one, for letting others in the stored way. */
const preflightQuery = (rt: Runtime, target?: Stored) =>
  queryOptions({
    queryKey: rt.key("access", "preflight", ...(target ? [target] : [])),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/external-access/preflight", { query: target, signal }),
    staleTime: 0,
  });

export function ChecksSection() {
  const query = useQuery(preflightQuery(useRuntime()));
  const again = (
    <Button icon="rerun" pending={query.isFetching} onClick={() => void query.refetch()}>
      {words.again}
    </Button>
  );
  return (
    <Section title={words.title} actions={again}>
      <QueryView query={query} name={words.name}>
        {({ ready, checks }) => (
          <div className="flex flex-col gap-2">
            <p role="status" className="text-ink-2">
              {ready ? words.ready : words.notReady}
            </p>
            <Checks checks={checks} />
          </div>
        )}
      </QueryView>
    </Section>
  );
}

/** The same for a way that people could sign in, before it is chosen. */
export function TargetChecks({ target }: { target: Stored }) {
  const query = useQuery(preflightQuery(useRuntime(), target));
  return (
    <div className="flex flex-col gap-1.5">
      <p className="font-medium">{access.mode.checks}</p>
      <QueryView query={query} name={words.name}>
        {({ ready, checks }) => (
          <>
            <Checks checks={checks} />
            {!ready && (
              <p role="status" className="text-failed">
                {access.mode.notReady}
              </p>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}

function Checks({ checks }: { checks: PreflightCheck[] }) {
  const isOwner = useCan()("external_access.write");
  return (
    <ul aria-label={words.list} className="card divide-y divide-line">
      {checks.map((check) => (
        <li key={check.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
          <span className="min-w-0 grow basis-40">
            {check.label}
            {!check.ok && <span className="block text-sm text-ink-2">{check.message}</span>}
            {!check.ok && check.id === "owner_address" && isOwner && (
              <Link to="/me" className="tap text-sm underline">
                {words.fixAddress}
              </Link>
            )}
          </span>
          <Badge tone={check.ok ? "passed" : "failed"} icon={check.ok ? "passed" : "octagon"}>
            {check.ok ? words.ok : words.failed}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
