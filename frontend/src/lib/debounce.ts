/** Values that settle: what changes quickly is passed on when it has been still for a while. */
import { useEffect, useRef, useState } from "react";

const TYPING_MS = 250;

export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/**
 * The text of a box that lives in the URL: typing is passed on when it pauses; Back, Forward and removed filters change the
 * box.
 */
export function useTypedText(
  value: string | undefined,
  onValue: (value: string | undefined) => void,
): [string, (text: string) => void] {
  const known = value ?? "";
  const [text, setText] = useState(known);
  const settled = useDebounced(text.trim(), TYPING_MS);
  const applied = useRef(known);
  // Only what settles is passed on: a new function must not pass on once more what was just removed.
  const pass = useRef(onValue);
  pass.current = onValue;
  useEffect(() => {
    if (settled === applied.current) return;
    applied.current = settled;
    pass.current(settled || undefined);
  }, [settled]);
  useEffect(() => {
    if (known === applied.current) return;
    applied.current = known;
    setText(known);
  }, [known]);
  return [text, setText];
}
