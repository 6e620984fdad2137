/** One runner: state, what it lacks, what it builds, its machine. It must not show what a build may not know about its host. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { BuildList } from "@/components/builds";
import { Page } from "@/components/shell";
import {
  Badge,
  Banner,
  ButtonLink,
  Bytes,
  Fact,
  Facts,
  GoneState,
  QueryView,
  RunnerBadge,
  Section,
  SkeletonRows,
  TimeAgo,
} from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { factsOf, type RunnerFacts } from "@/lib/runner-facts";
import { runnerPages as words } from "@/messages/en/runner-pages";
import { DrainNote } from "./drain";
import { LabelsSection } from "./labels";
import { runnerBuildsQuery, runnerQuery } from "./queries";
import { RunnerActions } from "./runner-actions";

const DoctorReport = lazy(() => import("./doctor-report"));

export function RunnerPage({ runnerId }: { runnerId: string }) {
  const query = useQuery(runnerQuery(useRuntime(), runnerId));
  const gone = <GoneState name={words.one} actions={<ButtonLink to="/runners">{words.title}</ButtonLink>} />;
  return (
    <Page
      title={query.data?.runner.name ?? words.one}
      parents={[{ label: words.title, to: { to: "/runners" } }]}
      actions={query.data && <RunnerActions runner={query.data.runner} />}
    >
      <QueryView query={query} name={words.one} gone={gone}>
        {({ runner, doctor }) => {
          const facts = factsOf(runner);
          return (
            <div className="flex max-w-3xl flex-col gap-6">
              {runner.excluded_by_mode && (
                <Banner tone="warning" title={words.excluded.title}>
                  <p>{words.excluded.text}</p>
                </Banner>
              )}
              {runner.drain && <DrainNote drain={runner.drain} />}
              <Facts>
                <Fact name={words.kind}>
                  <span className="flex flex-wrap items-center gap-2">
                    {words[facts.kind]} <RunnerBadge status={runner.status} />
                  </span>
                </Fact>
                <Fact name={words.slots}>{words.busySlots(runner.busy_slots, runner.slots)}</Fact>
                <Fact name={words.heartbeat}>
                  {runner.last_heartbeat_at ? <TimeAgo at={runner.last_heartbeat_at} /> : words.never}
                </Fact>
                {facts.system && <Fact name={words.host}>{facts.system}</Fact>}
                <Machine facts={facts} />
                {facts.version && <Fact name={words.version}>{facts.version}</Fact>}
                {facts.protocol !== null && <Fact name={words.protocol}>{facts.protocol}</Fact>}
                <Fact name={words.registered}>
                  <TimeAgo at={runner.created_at} />
                </Fact>
              </Facts>
              <LabelsSection runner={runner} />
              <Suspense fallback={<SkeletonRows />}>
                <DoctorReport checks={doctor} />
              </Suspense>
              <Builds runnerId={runner.id} />
              <Tools tools={facts.tools} />
            </div>
          );
        }}
      </QueryView>
    </Page>
  );
}

/** What of the machine is known; nothing is guessed. */
function Machine({ facts }: { facts: RunnerFacts }) {
  const { cpus, memory, disk, xcodes, android } = facts;
  return (
    <>
      {cpus !== null && <Fact name={words.machine.cpus}>{cpus}</Fact>}
      {memory !== null && (
        <Fact name={words.machine.memory}>
          <Bytes value={memory} />
        </Fact>
      )}
      {disk && (
        <Fact name={words.machine.disk}>
          <Bytes value={disk.free} /> {words.machine.freeOf} <Bytes value={disk.total} />
        </Fact>
      )}
      {xcodes.length > 0 && <Fact name={words.machine.xcode}>{xcodes.join(", ")}</Fact>}
      {android && (
        <Fact name={words.machine.android}>
          {[android.platforms[0], android.buildTools[0]].filter(Boolean).join(" · ") || words.machine.bare}
        </Fact>
      )}
    </>
  );
}

function Builds({ runnerId }: { runnerId: string }) {
  const query = useQuery(runnerBuildsQuery(useRuntime(), runnerId));
  return (
    <Section title={words.builds.title}>
      <QueryView query={query} name={words.builds.title}>
        {({ builds }) =>
          builds.length === 0 ? (
            <p className="text-ink-2">{words.builds.none}</p>
          ) : (
            <BuildList builds={builds} label={words.builds.title} />
          )
        }
      </QueryView>
    </Section>
  );
}

function Tools({ tools }: { tools: RunnerFacts["tools"] }) {
  const names = Object.keys(tools);
  if (names.length === 0) return null;
  return (
    <Section title={words.tools}>
      <Facts>
        {names.map((name) => (
          <Fact key={name} name={words.toolNames[name] ?? name}>
            {tools[name] ?? (
              <Badge tone="warning" icon="alert">
                {words.missing}
              </Badge>
            )}
            {tools[name] === null && (
              <span className="mt-1 block text-sm text-ink-3">{words.toolHelp[name]}</span>
            )}
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}
