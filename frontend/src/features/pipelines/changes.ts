/** What saving would change: the settings that the YAML holds as lines, all others by name. It must not save. */
import type { CreatePipelineRequest, Pipeline } from "@/api/types";
import { pipelineForm as form } from "@/messages/en/pipeline-form";
import { pipelineReview as words } from "@/messages/en/pipeline-review";
import { triggers } from "@/messages/en/triggers";
import { type DiffLine, lineDiff } from "./line-diff";
import { scheduleLine } from "./schedule-line";
import { writeSettings } from "./yaml-text";

/** What is sent to save a pipeline. */
export type Wanted = CreatePipelineRequest & Pick<Pipeline, "enabled">;
/** A value is one line or several; none is no value. */
export type ChangedSetting = { name: string; was: string[]; becomes: string[] };
export type Changes = { settings: ChangedSetting[]; lines: DiffLine[] };

export function changesOf(stored: Pipeline, wanted: Wanted): Changes {
  const before = besideYaml(stored);
  // What is not sent stays as it is.
  const config = wanted.execution_config ?? stored.execution_config;
  const settings = besideYaml(wanted).map(({ name, value }, index) => ({
    name,
    was: before[index]?.value ?? [],
    becomes: value,
  }));
  return {
    settings: settings.filter(({ was, becomes }) => was.join("\n") !== becomes.join("\n")),
    lines: lineDiff(writeSettings(stored.execution_config), writeSettings(config)),
  };
}

type Beside = Omit<Wanted, "execution_config"> | Pipeline;

function besideYaml(settings: Beside): { name: string; value: string[] }[] {
  const { trigger_config: on, concurrency } = settings;
  const eventName = (event: string) => form.eventNames[event as "push"] ?? event;
  return [
    { name: form.name, value: [settings.name] },
    { name: form.enabled, value: [yesOrNo(settings.enabled)] },
    { name: form.source, value: sourceOf(settings) },
    { name: form.events, value: (on?.events ?? []).map(eventName) },
    { name: form.branches, value: on?.branches ?? [] },
    { name: triggers.tags, value: on?.tags ?? [] },
    { name: triggers.paths, value: on?.paths ?? [] },
    { name: triggers.pathsIgnore, value: on?.paths_ignore ?? [] },
    { name: triggers.schedule, value: (on?.schedule ?? []).map(scheduleLine) },
    { name: form.cancelPrevious, value: [yesOrNo(concurrency?.cancel_previous)] },
    {
      name: form.maxConcurrent,
      value: concurrency?.max_concurrent ? [String(concurrency.max_concurrent)] : [],
    },
    { name: form.runnerLabels, value: settings.runner_labels ?? [] },
  ];
}

function sourceOf({ config_path_explicit, config_path }: Beside): string[] {
  return config_path_explicit ? [form.fromFile, config_path ?? ""] : [form.fromForm];
}

function yesOrNo(is: boolean | undefined): string {
  return is ? words.yes : words.no;
}
