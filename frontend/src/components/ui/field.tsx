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
