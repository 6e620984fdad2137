/** One runner: state, system and the tools it found. It must not show what a build may not know about its host. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/shell";
import {
  Badge,
  ButtonLink,
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

export function RunnerPage({ runnerId }: { runnerId: string }) {
  const query = useQuery(runnerQuery(useRuntime(), runnerId));
  const gone = (
    <GoneState name={t.runners.one} actions={<ButtonLink to="/runners">{t.runners.title}</ButtonLink>} />
  );
  return (
    <Page
      title={query.data?.runner.name ?? t.runners.one}
      parents={[{ label: t.runners.title, to: { to: "/runners" } }]}
    >
      <QueryView query={query} name={t.runners.one} gone={gone}>
        {({ runner }) => {
          const facts = factsOf(runner);
          return (
            <div className="flex max-w-3xl flex-col gap-6">
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
                {facts.version && <Fact name={t.runners.version}>{facts.version}</Fact>}
                {facts.protocol !== null && <Fact name={t.runners.protocol}>{facts.protocol}</Fact>}
                <Fact name={t.runners.registered}>
                  <TimeAgo at={runner.created_at} />
                </Fact>
              </Facts>
              <Tools tools={facts.tools} />
            </div>
          );
        }}
      </QueryView>
    </Page>
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
