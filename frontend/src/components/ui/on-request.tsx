/**
 * What is fetched when it is asked for first, such as a menu or a dialog. If it can't be had, that is said and it closes again:
 * the page under it stays, with what was typed there. It must not hide what breaks once it is there.
 */
import { type ComponentType, lazy, Suspense, useEffect, useEffectEvent } from "react";
import { t } from "@/messages";
import { toastFailure } from "./toast";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

export function onRequest<P extends { onClose?: () => void }>(load: Load<P>): ComponentType<P> {
  const make = () => lazy(() => load().catch(() => ({ default: Lost })));
  let Part = make();
  function Lost({ onClose }: P) {
    const give = useEffectEvent(() => {
      // A lazy component keeps its failure; the next request is to try anew.
      Part = make();
      toastFailure(t.shell.notLoaded);
      onClose?.();
    });
    useEffect(() => give(), []);
    return null;
  }
  return function OnRequest(props: P) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}
