/** The edge of the steps beside a log: dragged, or moved by arrow keys, it makes them wider or narrower. Only on wide windows. */
import type { KeyboardEvent, PointerEvent } from "react";
import { t } from "@/messages";
import { RAIL, railWidth } from "./choices";

const STEP = 20;

export function RailEdge({ width }: { width: number }) {
  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const edge = event.currentTarget;
    const isMirrored = getComputedStyle(edge).direction === "rtl";
    const start = event.clientX;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const move = ({ clientX }: { clientX: number }) =>
      railWidth.set(width + (isMirrored ? start - clientX : clientX - start));
    const done = () => {
      edge.removeEventListener("pointermove", move);
      edge.removeEventListener("lostpointercapture", done);
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", done);
  }
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const next = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: RAIL.least, End: RAIL.most }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    railWidth.set(next);
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule that can be moved has no element of its own
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t.logs.railWidth}
      aria-valuemin={RAIL.least}
      aria-valuemax={RAIL.most}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => railWidth.set(RAIL.usual)}
      className="absolute inset-y-0 -end-1.5 hidden w-3 cursor-col-resize touch-none rounded after:absolute after:inset-y-0 after:start-1.5 after:w-px after:bg-line hover:after:bg-accent lg:block"
    />
  );
}
