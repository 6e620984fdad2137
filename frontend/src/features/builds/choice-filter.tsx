/** A filter of the build list with a few values, or any of them. It must not know where the choice is kept. */
import type { ReactNode } from "react";
import { Field, Select } from "@/components/ui";

type Props = {
  label: string;
  /** What stands for no filter. */
  any: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
  /** The options. */
  children: ReactNode;
};

export function ChoiceFilter({ label, any, value, onValue, children }: Props) {
  return (
    <Field label={label} className="min-w-0 grow basis-36 md:max-w-52">
      <Select value={value ?? ""} onChange={(event) => onValue(event.target.value || undefined)}>
        <option value="">{any}</option>
        {children}
      </Select>
    </Field>
  );
}
