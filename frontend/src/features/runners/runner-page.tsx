/** One runner: state, what it lacks, what it builds, its machine. It must not show what a build may not know about its host. */
import { useQuery } from "@tanstack/react-query";
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
  TimeAgo,
} from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { runnerQuery } from "@/lib/queries";
import { factsOf, type RunnerFacts } from "@/lib/runner-facts";
import { t } from "@/messages";
import { runnerPages as words } from "@/messages/en/runner-pages";
import { DoctorReport } from "./doctor-report";
import { runnerBuildsQuery } from "./queries";
import { RunnerActions } from "./runner-actions";

export function RunnerPage({ runnerId }: { runnerId: string }) {
  const query = useQuery(runnerQuery(useRuntime(), runnerId));
  const gone = (
    <GoneState name={t.runners.one} actions={<ButtonLink to="/runners">{t.runners.title}</ButtonLink>} />
  );
  return (
    <Page
      title={query.data?.runner.name ?? t.runners.one}
      parents={[{ label: t.runners.title, to: { to: "/runners" } }]}
      actions={query.data && <RunnerActions runner={query.data.runner} />}
    >
      <QueryView query={query} name={t.runners.one} gone={gone}>
        {({ runner, doctor }) => {
          const facts = factsOf(runner);
          return (
            <div className="flex max-w-3xl flex-col gap-6">
              {runner.excluded_by_mode && (
                <Banner tone="warning" title={words.excluded.title}>
                  <p>{runner.embedded ? words.excluded.embedded : words.excluded.external}</p>
                </Banner>
              )}
              <Facts>
                <Fact name={t.runners.kind}>
                  <span className="flex flex-wrap items-center gap-2">
                    {t.runners[facts.kind]} <RunnerBadge status={runner.status} />
                  </span>
                </Fact>
                <Fact name={t.runners.heartbeat}>
                  {runner.last_heartbeat_at ? <TimeAgo at={runner.last_heartbeat_at} /> : t.runners.never}
                </Fact>
                {facts.system && <Fact name={t.runners.host}>{facts.system}</Fact>}
                <Machine facts={facts} />
                {facts.version && <Fact name={t.runners.version}>{facts.version}</Fact>}
                {facts.protocol !== null && <Fact name={t.runners.protocol}>{facts.protocol}</Fact>}
                <Fact name={t.runners.registered}>
                  <TimeAgo at={runner.created_at} />
                </Fact>
              </Facts>
              <DoctorReport checks={doctor} />
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
    <Section title={t.runners.tools}>
      <Facts>
        {names.map((name) => (
          <Fact key={name} name={t.runners.toolNames[name] ?? name}>
            {tools[name] ?? (
              <Badge tone="warning" icon="alert">
                {t.runners.missing}
              </Badge>
            )}
            {tools[name] === null && (
              <span className="mt-1 block text-sm text-ink-3">{t.runners.toolHelp[name]}</span>
            )}
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}
