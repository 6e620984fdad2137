/** Whether a part of a page has come on screen: what is asked for only then costs nothing before. It must not forget. */
import { type RefObject, useEffect, useRef, useState } from "react";

export function useSeen<E extends Element>(): [RefObject<E | null>, boolean] {
  const part = useRef<E>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (isSeen || !part.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
    });
    observer.observe(part.current);
    return () => observer.disconnect();
  }, [isSeen]);
  return [part, isSeen];
}
