/** Closes what stands over the page when somebody presses beside it, or when the focus leaves it. It must not give the focus back. */
import { type FocusEvent, type RefObject, useEffect } from "react";

type Part = RefObject<HTMLElement | null>;

/** Answers what the box does when it loses the focus. */
export function useOutside(box: Part, anchor: Part, onClose: () => void): (event: FocusEvent) => void {
  useEffect(() => {
    function press({ target }: PointerEvent) {
      const isOurs = [box, anchor].some(({ current }) => current?.contains(target as Node));
      if (!isOurs) onClose();
    }
    document.addEventListener("pointerdown", press, true);
    return () => document.removeEventListener("pointerdown", press, true);
  }, [box, anchor, onClose]);
  return ({ relatedTarget }) => {
    if (relatedTarget && relatedTarget !== anchor.current && !box.current?.contains(relatedTarget)) onClose();
  };
}
