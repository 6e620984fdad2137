/** One of several choices, each with a line of explanation. */
import { type ReactNode, useId } from "react";
import { Choice, ChoiceGroup } from "./choice";

type RadioProps<T extends string> = {
  label: string;
  error?: string | null;
  options: readonly { value: T; label: string; text?: string }[];
  value: T | null;
  onValue: (value: T) => void;
  /** What stands below the choices. */
  children?: ReactNode;
};

export function RadioGroup<T extends string>({
  label,
  error,
  options,
  value,
  onValue,
  children,
}: RadioProps<T>) {
  const name = useId();
  return (
    <ChoiceGroup label={label} error={error}>
      <div className="mt-1 flex flex-col gap-2">
        {options.map((option) => (
          <Choice
            key={option.value}
            kind="radio"
            name={name}
            label={option.label}
            text={option.text}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
        ))}
        {children}
      </div>
    </ChoiceGroup>
  );
}
