/** Platforms, Flutter version, commands and artifact patterns. */
import type { BuildPlatform } from "@/api/types";
import { Choice, ChoiceGroup, Field, Input, Textarea } from "@/components/ui";
import { platformName } from "@/lib/platform";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { Fieldset } from "./fieldset";
import { PLATFORMS } from "./form-value";
import type { FieldsProps } from "./pipeline-form";

const words = pipelineForm;

export function BuildFields(fields: FieldsProps) {
  const { value, change, errorOf } = fields;
  return (
    <>
      <Fieldset title={words.build}>
        <Platforms {...fields} />
        <Field label={words.flutter} help={words.flutterHelp} optional error={errorOf("flutter_version")}>
          <Input
            value={value.flutterVersion}
            onChange={(event) => change({ flutterVersion: event.target.value })}
            className="max-w-60"
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Lines
          label={words.patterns}
          help={words.patternsHelp}
          error={errorOf("artifact_patterns")}
          value={value.patterns}
          onChange={(patterns) => change({ patterns })}
        />
      </Fieldset>
      <Fieldset title={words.commands} help={words.commandsHelp}>
        <Lines
          label={words.preBuild}
          error={errorOf("commands.pre_build")}
          value={value.preBuild}
          onChange={(preBuild) => change({ preBuild })}
        />
        <Lines
          label={words.buildCommands}
          help={words.buildHelp}
          error={errorOf("commands.build")}
          value={value.build}
          onChange={(build) => change({ build })}
        />
        <Lines
          label={words.postBuild}
          error={errorOf("commands.post_build")}
          value={value.postBuild}
          onChange={(postBuild) => change({ postBuild })}
        />
        {value.platforms.length > 0 && (
          <details className="rounded border border-line px-3 py-2">
            <summary className="target content-center font-medium">{words.perPlatform}</summary>
            <div className="mt-2 flex flex-col gap-4">
              {value.platforms.map((platform) => (
                <PlatformFields key={platform} platform={platform} {...fields} />
              ))}
            </div>
          </details>
        )}
      </Fieldset>
    </>
  );
}

function Platforms({ value, change, errorOf }: FieldsProps) {
  const error = errorOf("platforms");
  function set(platform: BuildPlatform, checked: boolean) {
    change({
      platforms: PLATFORMS.filter((item) => (item === platform ? checked : value.platforms.includes(item))),
    });
  }
  return (
    <ChoiceGroup label={words.platforms} error={error}>
      {PLATFORMS.map((platform) => (
        <Choice
          key={platform}
          kind="checkbox"
          label={platformName(platform)}
          checked={value.platforms.includes(platform)}
          aria-invalid={error ? true : undefined}
          onChange={(event) => set(platform, event.target.checked)}
        />
      ))}
    </ChoiceGroup>
  );
}

function PlatformFields({ platform, value, change, errorOf }: FieldsProps & { platform: BuildPlatform }) {
  const name = platformName(platform);
  return (
    <>
      <Lines
        label={words.args(name)}
        help={words.argsHelp}
        error={errorOf(`platform_build_args.${platform}`)}
        value={value.args[platform]}
        onChange={(text) => change({ args: { ...value.args, [platform]: text } })}
      />
      <Field
        label={words.command(name)}
        help={words.commandHelp}
        optional
        error={errorOf(`platform_commands.${platform}`)}
      >
        <Input
          value={value.command[platform]}
          onChange={(event) => change({ command: { ...value.command, [platform]: event.target.value } })}
          spellCheck={false}
          autoComplete="off"
          className="font-mono text-sm"
        />
      </Field>
    </>
  );
}

type LinesProps = {
  label: string;
  help?: string;
  error: string | null;
  value: string;
  onChange: (value: string) => void;
};

/** A list edited as text, one entry a line. */
export function Lines({ label, help, error, value, onChange }: LinesProps) {
  return (
    <Field label={label} help={help} optional error={error}>
      <Textarea
        rows={Math.min(8, Math.max(2, value.split("\n").length))}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        spellCheck={false}
        autoCapitalize="off"
        className="font-mono text-sm"
      />
    </Field>
  );
}
