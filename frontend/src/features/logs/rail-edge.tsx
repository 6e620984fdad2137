/** The edge of the steps beside a log: dragged, or moved by arrow keys, it makes them wider or narrower. Only on wide windows. */
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";

const STEP = 20;

type Props = {
  label: string;
  width: number;
  bounds: { least: number; usual: number; most: number };
  onWidth: (width: number) => void;
};

export default function RailEdge({ label, width, bounds, onWidth }: Props): ReactNode {
  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const edge = event.currentTarget;
    const isMirrored = getComputedStyle(edge).direction === "rtl";
    const start = event.clientX;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const move = ({ clientX }: { clientX: number }) =>
      onWidth(width + (isMirrored ? start - clientX : clientX - start));
    const done = () => {
      edge.removeEventListener("pointermove", move);
      edge.removeEventListener("lostpointercapture", done);
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", done);
  }
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const next = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: bounds.least, End: bounds.most }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    onWidth(next);
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule that can be moved has no element of its own
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={bounds.least}
      aria-valuemax={bounds.most}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onWidth(bounds.usual)}
      className="absolute inset-y-0 -end-1.5 hidden w-3 cursor-col-resize touch-none rounded after:absolute after:inset-y-0 after:start-1.5 after:w-px after:bg-line hover:after:bg-accent lg:block"
    />
  );
}
