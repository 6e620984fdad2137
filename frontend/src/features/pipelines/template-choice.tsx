/** What a new pipeline begins with, as cards to choose from. It asks before it takes the place of what was typed. */
import { useId, useState } from "react";
import { ConfirmDialog } from "@/components/ui";
import { pipelineTemplates as words } from "@/messages/en/pipeline-templates";
import { Fieldset } from "./fieldset";
import type { FormValue } from "./form-value";
import { filledFrom, TEMPLATES, type Template, templateOf } from "./templates";
import type { YamlMode } from "./yaml-mode";

export type TemplateChoiceProps = {
  value: FormValue;
  change: (patch: Partial<FormValue>) => void;
  yaml: YamlMode;
  /** While the text is on its way nothing takes its place. */
  isBusy: boolean;
};

export function TemplateChoice({ value, change, yaml, isBusy }: TemplateChoiceProps) {
  const [chosen, setChosen] = useState(() => templateOf(value));
  const [asked, setAsked] = useState<Template | null>(null);
  const group = useId();
  const isTouched = yaml.dirty || templateOf(value) === null;
  function take(template: Template) {
    const patch = filledFrom(template, value);
    setAsked(null);
    setChosen(template);
    change(patch);
    void yaml.startFrom({ ...value, ...patch });
  }
  function choose(template: Template) {
    if (isBusy) return;
    if (isTouched) setAsked(template);
    else take(template);
  }
  return (
    <Fieldset title={words.title} help={words.help}>
      <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
        {TEMPLATES.map((template) => (
          <Card
            key={template}
            group={group}
            template={template}
            checked={template === chosen}
            onChoose={() => choose(template)}
          />
        ))}
      </div>
      {asked && (
        <ConfirmDialog
          title={words.askTitle(words.choices[asked].name)}
          intro={words.askIntro}
          consequences={words.askLost}
          confirmLabel={words.replace}
          pending={false}
          onConfirm={() => take(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </Fieldset>
  );
}

type CardProps = { group: string; template: Template; checked: boolean; onChoose: () => void };

/** The whole card is the label; only its name is read out as one. */
function Card({ group, template, checked, onChoose }: CardProps) {
  const id = useId();
  const { name, text } = words.choices[template];
  return (
    <label className="flex cursor-pointer items-start gap-2 rounded border border-line p-3 hover:bg-sunken has-checked:border-accent has-checked:bg-accent-tint">
      <input
        type="radio"
        name={group}
        aria-labelledby={`${id}-name`}
        aria-describedby={`${id}-text`}
        checked={checked}
        onChange={onChoose}
        className="size-6 shrink-0 accent-accent"
      />
      <span className="flex min-w-0 flex-col">
        <span id={`${id}-name`} className="font-medium">
          {name}
        </span>
        <span id={`${id}-text`} className="text-sm text-ink-2">
          {text}
        </span>
      </span>
    </label>
  );
}
