/** A secret that can be set, replaced or removed, never read. */
import { Button, Field, Input } from "@/components/ui";
import { secret as words } from "@/messages/en/secret";
import { KEEP, type SecretChange } from "./secret";

type Props = {
  label: string;
  help?: string;
  /** `must`: it may be replaced, not removed. */
  stored: "yes" | "must" | "no";
  change: SecretChange;
  error?: string | null;
  onChange: (change: SecretChange) => void;
};

export function SecretField({ label, help, stored, change, error, onChange }: Props) {
  if (change.kind === "set") {
    return (
      <div className="flex flex-col items-start gap-1.5">
        <Field label={label} help={help} error={error} optional={stored === "no"} className="w-full">
          <Input
            type="password"
            autoComplete="new-password"
            spellCheck={false}
            value={change.text}
            onChange={(event) => onChange({ kind: "set", text: event.target.value })}
          />
        </Field>
        {stored !== "no" && (
          <Button variant="ghost" onClick={() => onChange(KEEP)}>
            {words.keep}
          </Button>
        )}
      </div>
    );
  }
  const isGoing = change.kind === "clear";
  return (
    <fieldset className="flex min-w-0 flex-col gap-1">
      <legend className="font-medium">{label}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-ink-2">
          {isGoing ? words.willGo : stored === "no" ? words.none : words.stored}
        </span>
        {!isGoing && (
          <Button onClick={() => onChange({ kind: "set", text: "" })}>
            {stored === "no" ? words.set : words.replace}
          </Button>
        )}
        {!isGoing && stored === "yes" && (
          <Button variant="ghost" onClick={() => onChange({ kind: "clear" })}>
            {words.remove}
          </Button>
        )}
        {isGoing && (
          <Button variant="ghost" onClick={() => onChange(KEEP)}>
            {words.keep}
          </Button>
        )}
      </div>
      {error && (
        <p role="alert" className="text-sm text-failed">
          {error}
        </p>
      )}
      {help && <p className="text-sm text-ink-3">{help}</p>}
    </fieldset>
  );
}
