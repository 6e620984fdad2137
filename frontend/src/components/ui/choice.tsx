/** Checkboxes, switches and radios. Apart from fields, because signing in needs none. They must not validate. */
import { type ComponentProps, type ReactNode, useId } from "react";

type ChoiceProps = Omit<ComponentProps<"input">, "type"> & {
  label: string;
  text?: string;
  kind: "checkbox" | "radio" | "switch";
};

/** Checkbox, switch or radio with its label beside it and a line of explanation below. */
export function Choice({ label, text, kind, ...rest }: ChoiceProps) {
  const id = useId();
  const type = kind === "radio" ? "radio" : "checkbox";
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type={type}
        role={kind === "switch" ? "switch" : undefined}
        aria-describedby={text ? `${id}-text` : undefined}
        {...rest}
        className="size-6 shrink-0 accent-accent"
      />
      <div className="flex flex-col pointer-coarse:-mt-2.5">
        <label htmlFor={id} className="tap font-medium">
          {label}
        </label>
        {text && (
          <span id={`${id}-text`} className="text-sm text-ink-3">
            {text}
          </span>
        )}
      </div>
    </div>
  );
}

type GroupProps = { label: string; error?: string | null; children: ReactNode };

/** Several choices under one question. */
export function ChoiceGroup({ label, error, children }: GroupProps) {
  const id = useId();
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined} className="min-w-0">
      <legend className="font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-6 gap-y-1">{children}</div>
      {error && (
        <p id={`${id}-error`} className="text-sm text-failed">
          {error}
        </p>
      )}
    </fieldset>
  );
}
