/** The numbers of the rules. What is no number above 0 says so at once; nothing is fine. */
import { Field, Input } from "@/components/ui";
import { retention as words } from "@/messages/en/retention";
import { IN_GIGABYTES, isWrong, type Rules } from "./rules";

const RULES = ["days", "builds", "size", "ttl"] as const;

type Props = { rules: Rules; onRules: (rules: Rules) => void };

export function RuleFields({ rules, onRules }: Props) {
  return RULES.map((name) => (
    <NumberField
      key={name}
      label={words[name]}
      unit={name === "size" ? IN_GIGABYTES : undefined}
      value={rules[name]}
      onValue={(text) => onRules({ ...rules, [name]: text })}
    />
  ));
}

type NumberProps = {
  label: string;
  unit?: number;
  value: string;
  onValue: (text: string) => void;
};

export function NumberField({ label, unit, value, onValue }: NumberProps) {
  return (
    <Field label={label} optional error={isWrong(value, unit) ? words.wrong : null}>
      <Input
        inputMode={unit ? "decimal" : "numeric"}
        autoComplete="off"
        className="max-w-40"
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
    </Field>
  );
}
