/** A few ways to see the same thing, of which one is in use. */

type Props<T extends string> = {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
  /** For a moment: it keeps the focus, and does nothing. */
  disabled?: boolean;
};

export function Segmented<T extends string>({ label, options, value, onChange, disabled = false }: Props<T>) {
  return (
    <fieldset className="inline-flex rounded border border-control bg-surface p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          aria-disabled={disabled || undefined}
          onClick={() => !disabled && onChange(option.value)}
          className="target rounded-sm px-3 font-medium text-ink-2 hover:bg-sunken aria-pressed:bg-accent-tint aria-pressed:text-accent aria-disabled:opacity-55"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
