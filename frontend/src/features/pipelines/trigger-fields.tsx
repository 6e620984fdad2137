/** What starts builds by itself, how many may run at once, and on which runners. */
import type { Project } from "@/api/types";
import { Choice, ChoiceGroup, Field, Input } from "@/components/ui";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { triggers as more } from "@/messages/en/triggers";
import { Lines } from "./build-fields";
import { Fieldset } from "./fieldset";
import { EVENTS } from "./form-value";
import type { FieldsProps } from "./pipeline-form";

const words = pipelineForm;

export function TriggerFields({ project, ...fields }: FieldsProps & { project: Project }) {
  const { value, change, errorOf } = fields;
  return (
    <>
      <Fieldset title={words.triggers}>
        {project.repository_provider === "local_git" && <p className="text-ink-2">{more.local}</p>}
        <Events {...fields} />
        <Lines
          label={more.schedule}
          help={more.scheduleHelp}
          error={errorOf("schedule")}
          value={value.schedule}
          onChange={(schedule) => change({ schedule })}
        />
      </Fieldset>
      <Fieldset title={words.concurrency}>
        <Choice
          kind="checkbox"
          label={words.cancelPrevious}
          checked={value.cancelPrevious}
          onChange={(event) => change({ cancelPrevious: event.target.checked })}
        />
        <Field
          label={words.maxConcurrent}
          help={words.maxConcurrentHelp}
          optional
          error={errorOf("max_concurrent")}
        >
          <Input
            type="number"
            min={1}
            max={100}
            value={value.maxConcurrent}
            onChange={(event) => change({ maxConcurrent: event.target.value })}
            className="max-w-32"
          />
        </Field>
      </Fieldset>
      <Fieldset title={words.runners}>
        <Lines
          label={words.runnerLabels}
          help={words.runnerLabelsHelp}
          error={errorOf("runner_labels")}
          value={value.runnerLabels}
          onChange={(runnerLabels) => change({ runnerLabels })}
        />
      </Fieldset>
    </>
  );
}

function Events({ value, change, errorOf }: FieldsProps) {
  function set(name: string, checked: boolean) {
    change({ events: EVENTS.filter((item) => (item === name ? checked : value.events.includes(item))) });
  }
  return (
    <>
      <ChoiceGroup label={words.events} error={errorOf("events")}>
        {EVENTS.map((name) => (
          <Choice
            key={name}
            kind="checkbox"
            label={words.eventNames[name]}
            checked={value.events.includes(name)}
            onChange={(event) => set(name, event.target.checked)}
          />
        ))}
      </ChoiceGroup>
      <Lines
        label={words.branches}
        help={words.branchesHelp}
        error={errorOf("branches")}
        value={value.branches}
        onChange={(branches) => change({ branches })}
      />
      <Lines
        label={more.tags}
        help={more.tagsHelp}
        error={errorOf("tags")}
        value={value.tags}
        onChange={(tags) => change({ tags })}
      />
      <Lines
        label={more.paths}
        help={more.pathsHelp}
        error={errorOf("paths")}
        value={value.paths}
        onChange={(paths) => change({ paths })}
      />
      <Lines
        label={more.pathsIgnore}
        help={more.pathsIgnoreHelp}
        error={errorOf("paths_ignore")}
        value={value.pathsIgnore}
        onChange={(pathsIgnore) => change({ pathsIgnore })}
      />
    </>
  );
}
