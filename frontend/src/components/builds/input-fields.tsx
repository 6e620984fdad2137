/** One control for each input that a pipeline's file declares. It must not check values: the server does. */
import type { PipelineInput } from "@/api/types";
import { Choice, Field, Input, Select } from "@/components/ui";
import { runWords } from "@/messages/en/run";

type Props = {
  inputs: readonly PipelineInput[];
  /** What was entered, by name. */
  values: Readonly<Record<string, string>>;
  errorOf: (name: string) => string | null;
  onChange: (name: string, value: string) => void;
};

export function InputFields({ inputs, values, errorOf, onChange }: Props) {
  if (inputs.length === 0) return null;
  return (
    <fieldset className="flex min-w-0 flex-col gap-4">
      <legend className="mb-2 font-medium">{runWords.inputs}</legend>
      {inputs.map((input) => (
        <InputField
          key={input.name}
          input={input}
          value={values[input.name]}
          error={errorOf(input.name)}
          onChange={(value) => onChange(input.name, value)}
        />
      ))}
    </fieldset>
  );
}

type FieldProps = {
  input: PipelineInput;
  value: string | undefined;
  error: string | null;
  onChange: (value: string) => void;
};

function InputField({ input, value, error, onChange }: FieldProps) {
  if (input.type === "boolean") {
    return (
      <Choice
        kind="checkbox"
        label={input.name}
        text={input.description ?? undefined}
        checked={(value ?? input.default) === "true"}
        onChange={(event) => onChange(event.target.checked ? "true" : "false")}
      />
    );
  }
  return (
    <Field label={input.name} help={input.description} optional={!input.required} error={error}>
      {input.type === "choice" ? (
        <Select value={value ?? input.default ?? ""} onChange={(event) => onChange(event.target.value)}>
          {!input.default && <option value="">{runWords.noChoice}</option>}
          {input.options?.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </Select>
      ) : (
        <Input
          value={value ?? ""}
          placeholder={input.default ?? undefined}
          inputMode={input.type === "number" ? "decimal" : undefined}
          required={input.required}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
        />
      )}
    </Field>
  );
}
