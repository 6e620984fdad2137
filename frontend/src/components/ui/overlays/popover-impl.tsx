/**
 * A box of controls under its button, for more than a menu can hold: it takes the focus, gives it back, and closes on Escape,
 * on a click beside it, and when the focus leaves it. It must not know what it holds.
 */
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { useOutside } from "./use-outside";
import { usePlace } from "./use-place";

type Props = {
  label: string;
  anchor: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
  children: ReactNode;
};

export function Popover({ label, anchor, onClose, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  usePlace(box, anchor);
  useEffect(() => box.current?.focus({ preventScroll: true }), []);
  const blur = useOutside(box, anchor, onClose);
  function keyDown(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    anchor.current?.focus({ preventScroll: true });
    onClose();
  }
  return createPortal(
    <div
      ref={box}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={keyDown}
      onBlur={blur}
      className="card rise fixed z-50 max-h-[80dvh] w-96 max-w-[calc(100vw-1rem)] overflow-y-auto shadow-pop"
    >
      {children}
    </div>,
    document.getElementById("main") ?? document.body,
  );
}
