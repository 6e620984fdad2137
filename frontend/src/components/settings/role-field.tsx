/** Choosing a role on the instance, with what it may do in a few words. It must not know who may give which role. */
import type { UserRole } from "@/api/types";
import { Field, Select } from "@/components/ui";
import { roles } from "@/messages/later";

type Props<R extends UserRole> = {
  label: string;
  /** Asks what the chosen role may do. */
  question: string;
  help?: string;
  choices: readonly R[];
  value: R;
  error?: string | null;
  onValue: (role: R) => void;
};

export function RoleField<R extends UserRole>({
  label,
  question,
  help,
  choices,
  value,
  error,
  onValue,
}: Props<R>) {
  return (
    <>
      <Field label={label} help={help} error={error}>
        <Select
          value={value}
          onChange={(event) => {
            const role = choices.find((known) => known === event.target.value);
            if (role) onValue(role);
          }}
        >
          {choices.map((role) => (
            <option key={role} value={role}>
              {roles.instance[role]}
            </option>
          ))}
        </Select>
      </Field>
      <div className="rounded bg-sunken px-3 py-2.5" aria-live="polite">
        <p className="font-medium">{question}</p>
        <p className="text-ink-2">{roles.instanceText[value]}</p>
      </div>
    </>
  );
}
