/** Name, on or off, and where the configuration comes from. */
import { useId } from "react";
import { Choice, Field, Input } from "@/components/ui";
import { t } from "@/messages";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { Fieldset } from "./fieldset";
import type { FieldsProps } from "./pipeline-form";

const words = pipelineForm;

export function BasicsFields({ value, change, errorOf }: FieldsProps) {
  return (
    <Fieldset title={words.basics}>
      <Field label={words.name} error={errorOf("name")}>
        <Input
          value={value.name}
          placeholder={words.namePlaceholder}
          onChange={(event) => change({ name: event.target.value })}
          required
          autoComplete="off"
        />
      </Field>
      <Choice
        kind="switch"
        label={words.enabled}
        text={t.pipelines.disabledText}
        checked={value.enabled}
        onChange={(event) => change({ enabled: event.target.checked })}
      />
    </Fieldset>
  );
}

export function SourceFields({ value, change, errorOf }: FieldsProps) {
  const group = useId();
  return (
    <Fieldset title={words.source}>
      <Choice
        kind="radio"
        name={group}
        label={words.fromFile}
        text={words.fromFileText}
        checked={value.source === "repository"}
        onChange={() => change({ source: "repository" })}
      />
      <Choice
        kind="radio"
        name={group}
        label={words.fromForm}
        text={words.fromFormText}
        checked={value.source === "here"}
        onChange={() => change({ source: "here" })}
      />
      {value.source === "repository" && (
        <Field label={words.configPath} help={words.configPathHelp} error={errorOf("config_path")}>
          <Input
            value={value.configPath}
            onChange={(event) => change({ configPath: event.target.value })}
            spellCheck={false}
            autoComplete="off"
            className="font-mono"
          />
        </Field>
      )}
    </Fieldset>
  );
}
