/** A short text on hover and focus. It must not hold controls, nor be the only place of something needed. */
import { type ReactNode, useState } from "react";

type Props = {
  text: string;
  /** Given when the text describes the child (aria-describedby); otherwise the tooltip only repeats a label. */
  id?: string;
  children: ReactNode;
};

export function Tooltip({ text, id, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the wrapper only watches; the child is the control
    <span
      className="relative inline-flex"
      onPointerEnter={() => setOpen(true)}
      onPointerLeave={() => setOpen(false)}
      onFocus={(event) => setOpen(event.target.matches(":focus-visible"))}
      onBlur={() => setOpen(false)}
      onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
    >
      {children}
      {id && (
        <span id={id} className="sr-only">
          {text}
        </span>
      )}
      {open && (
        <span
          aria-hidden="true"
          className="rise pointer-events-none absolute bottom-full end-0 z-40 mb-1.5 w-max max-w-60 rounded bg-ink px-2 py-1 text-xs text-canvas"
        >
          {text}
        </span>
      )}
    </span>
  );
}
