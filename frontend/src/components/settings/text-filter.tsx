/** A search box whose text lives in the URL; the key "/" leads to it. */
import { useRef } from "react";
import { Field, Input } from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useShortcuts } from "@/lib/shortcuts";

type Props = {
  label: string;
  placeholder?: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
};

export function TextFilter({ label, placeholder, value, onValue }: Props) {
  const [text, setText] = useTypedText(value, onValue);
  const box = useRef<HTMLDivElement>(null);
  useShortcuts({ filter: () => box.current?.querySelector("input")?.focus() });
  return (
    <div ref={box} className="min-w-0 grow basis-56 sm:max-w-80">
      <Field label={label}>
        <Input
          type="search"
          placeholder={placeholder}
          value={text}
          aria-keyshortcuts="/"
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </div>
  );
}
