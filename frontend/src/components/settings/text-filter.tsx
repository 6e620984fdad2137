/** A search box whose text lives in the URL: typing is passed on when it pauses; Back and Forward change the box. */
import { useEffect, useRef, useState } from "react";
import { Field, Input } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { useShortcuts } from "@/lib/shortcuts";

const TYPING_MS = 250;

type Props = {
  label: string;
  placeholder?: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
};

export function TextFilter({ label, placeholder, value = "", onValue }: Props) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text.trim(), TYPING_MS);
  const applied = useRef(value);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (settled === applied.current) return;
    applied.current = settled;
    onValue(settled || undefined);
  }, [settled, onValue]);
  useEffect(() => {
    if (value === applied.current) return;
    applied.current = value;
    setText(value);
  }, [value]);
  useShortcuts({ "/": () => box.current?.querySelector("input")?.focus() });
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
