/** A pipeline's settings, read-only. */
import type { ReactNode } from "react";
import type { Pipeline } from "@/api/types";
import { Fact, Facts, Section } from "@/components/ui";
import { t } from "@/messages";
import { pipelineDetail } from "@/messages/en/pipeline-detail";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { triggers as more } from "@/messages/en/triggers";
import { scheduleLine } from "./schedule-line";

const words = pipelineDetail;

export function ConfigurationFacts({ pipeline }: { pipeline: Pipeline }) {
  const { execution_config: config, trigger_config: triggers, concurrency } = pipeline;
  const commands = [
    ...(config.commands?.pre_build ?? []),
    ...(config.commands?.build ?? []),
    ...(config.commands?.post_build ?? []),
  ];
  const limit = concurrency.max_concurrent ? words.atMost(concurrency.max_concurrent) : words.unlimited;
  const events = (triggers.events ?? []).map((name) => pipelineForm.eventNames[name as "push"] ?? name);
  const form = pipelineForm;
  const rules = [
    { name: form.branches, lines: triggers.branches ?? [] },
    { name: more.tags, lines: triggers.tags ?? [] },
    { name: more.paths, lines: triggers.paths ?? [] },
    { name: more.pathsIgnore, lines: triggers.paths_ignore ?? [] },
    { name: more.schedule, lines: (triggers.schedule ?? []).map(scheduleLine) },
  ].filter(({ lines }) => lines.length > 0);
  return (
    <Section title={words.configuration}>
      <Facts>
        <Fact name={words.file}>
          <code className="font-mono text-sm">{pipeline.config_path}</code>
          <span className="block text-sm text-ink-3">
            {pipeline.config_path_explicit ? words.fileFixed : words.fileAuto}
          </span>
        </Fact>
        <Fact name={words.platforms}>
          {(config.platforms ?? []).map((platform) => t.pipelines.platform[platform]).join(", ")}
        </Fact>
        <Fact name={words.flutter}>{config.flutter_version ?? t.pipelines.flutterAuto}</Fact>
        <Fact name={words.commands}>
          <Codes lines={commands} empty={words.defaultCommands} />
        </Fact>
        <Fact name={words.artifacts}>
          <Codes lines={config.artifact_patterns ?? []} empty={words.none} />
        </Fact>
        <Fact name={words.env}>
          <Codes lines={(config.env ?? []).map((row) => row.key)} empty={words.none} />
        </Fact>
        <Fact name={words.triggers}>{[...events, words.manual].join(" · ")}</Fact>
        {rules.map(({ name, lines }) => (
          <Fact key={name} name={name}>
            <Codes lines={lines} empty={words.none} />
          </Fact>
        ))}
        <Fact name={words.concurrency}>
          {limit}
          {concurrency.cancel_previous && `, ${words.cancelPrevious}`}
        </Fact>
        <Fact name={words.runnerLabels}>
          <Codes lines={pipeline.runner_labels} empty={words.anyRunner} />
        </Fact>
      </Facts>
    </Section>
  );
}

function Codes({ lines, empty }: { lines: string[]; empty: string }): ReactNode {
  if (lines.length === 0) return <span className="text-ink-3">{empty}</span>;
  return (
    <ul className="flex flex-col gap-0.5">
      {lines.map((line) => (
        <li key={line} className="font-mono text-sm break-all">
          {line}
        </li>
      ))}
    </ul>
  );
}
