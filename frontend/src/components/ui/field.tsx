/** Form controls with label above, help below and error text tied to the control. They must not validate. */
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import { t } from "@/messages";
import { Icon } from "./icon";

type FieldIds = { control: string; help: string; error: string; invalid: boolean; hasHelp: boolean };

const FieldContext = createContext<FieldIds | null>(null);

type FieldProps = {
  label: string;
  help?: ReactNode;
  error?: string | null;
  optional?: boolean;
  className?: string;
  children: ReactNode;
};

export function Field({ label, help, error, optional = false, className = "", children }: FieldProps) {
  const id = useId();
  const ids = {
    control: id,
    help: `${id}-help`,
    error: `${id}-error`,
    invalid: Boolean(error),
    hasHelp: Boolean(help),
  };
  return (
    <FieldContext value={ids}>
      <div className={`flex flex-col gap-1 ${className}`}>
        <label htmlFor={ids.control} className="font-medium">
          {label}
          {optional && <span className="ms-1.5 font-normal text-ink-3">({t.form.optional})</span>}
        </label>
        {children}
        {error && (
          <p id={ids.error} className="flex items-start gap-1 text-sm text-failed">
            <Icon name="alert" className="mt-px size-4" />
            {error}
          </p>
        )}
        {help && (
          <p id={ids.help} className="text-sm text-ink-3">
            {help}
          </p>
        )}
      </div>
    </FieldContext>
  );
}

/** id and aria attributes of the surrounding Field, for controls of other kinds. */
function useFieldProps() {
  const ids = useContext(FieldContext);
  if (!ids) return {};
  const described = [ids.invalid && ids.error, ids.hasHelp && ids.help].filter(Boolean).join(" ");
  return {
    id: ids.control,
    "aria-invalid": ids.invalid || undefined,
    "aria-describedby": described || undefined,
  };
}

const INVALID = "aria-invalid:border-failed aria-invalid:outline-failed";

export function Input({ className = "", ...rest }: ComponentProps<"input">) {
  return <input {...useFieldProps()} {...rest} className={`control w-full ${INVALID} ${className}`} />;
}

export function Textarea({ className = "", ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea {...useFieldProps()} {...rest} className={`control w-full py-1.5 ${INVALID} ${className}`} />
  );
}

export function Select({ className = "", ...rest }: ComponentProps<"select">) {
  return <select {...useFieldProps()} {...rest} className={`control ${INVALID} ${className}`} />;
}

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
