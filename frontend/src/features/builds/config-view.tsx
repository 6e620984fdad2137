/** What a build ran with, as recorded when it was made. Read only; values of variables are the server's to hide. */
import type { Build, ExecutionConfig } from "@/api/types";
import { CopyButton, Fact, Facts, Section, TimeAgo } from "@/components/ui";
import { platformName } from "@/lib/platform";
import { t } from "@/messages";
import { buildDetails } from "@/messages/en/build-details";

type Snapshot = {
  config_path?: string;
  captured_at?: number;
  artifact_patterns?: string[];
  ui_execution_config?: ExecutionConfig;
  resolved_config?: ExecutionConfig;
};

export default function ConfigView({ build }: { build: Build }) {
  const snapshot = build.config_snapshot as Snapshot;
  const ran = snapshot.resolved_config ?? snapshot.ui_execution_config;
  const words = buildDetails.config;
  const json = JSON.stringify(build.config_snapshot, null, 2);
  return (
    <div className="flex flex-col gap-5">
      <Facts>
        <Fact name={words.source}>
          <code className="font-mono text-sm">{snapshot.config_path ?? words.none}</code>
        </Fact>
        <Fact name={words.ranWith}>{words.fileFirst}</Fact>
        {snapshot.captured_at && (
          <Fact name={words.captured}>
            <TimeAgo at={snapshot.captured_at} />
          </Fact>
        )}
      </Facts>
      <Section title={snapshot.resolved_config ? words.resolved : words.own}>
        {!snapshot.resolved_config && <p className="text-ink-2">{words.ownText}</p>}
        <Facts>
          <Fact name={words.platforms}>{platformsOf(ran) || words.none}</Fact>
          <Fact name={words.flutter}>{ran?.flutter_version || t.pipelines.flutterAuto}</Fact>
          <Fact name={words.commands}>
            <CodeLines lines={commandsOf(ran)} />
          </Fact>
          <Fact name={words.environment}>
            <CodeLines lines={(ran?.env ?? []).map(({ key }) => key)} />
          </Fact>
          <Fact name={words.patterns}>
            <CodeLines lines={snapshot.artifact_patterns ?? ran?.artifact_patterns ?? []} />
          </Fact>
        </Facts>
      </Section>
      <Section title={words.raw} actions={<CopyButton text={json} />}>
        <section
          aria-label={words.rawLabel}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
          tabIndex={0}
          className="card max-h-[32rem] overflow-auto"
        >
          <pre className="px-4 py-3 font-mono text-xs">{json}</pre>
        </section>
      </Section>
    </div>
  );
}

function platformsOf(config: ExecutionConfig | undefined): string {
  return (config?.platforms ?? []).map(platformName).join(", ");
}

function commandsOf(config: ExecutionConfig | undefined): string[] {
  const { pre_build = [], build = [], post_build = [] } = config?.commands ?? {};
  return [...pre_build, ...build, ...post_build];
}

function CodeLines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return <span className="text-ink-3">{buildDetails.config.none}</span>;
  return (
    <ul>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal lines may repeat and never move
        <li key={index}>
          <code className="font-mono text-sm break-all">{line}</code>
        </li>
      ))}
    </ul>
  );
}
