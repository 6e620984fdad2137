/** A small picture of a whole log beside it: where errors and matches are, and what is seen now. It must not know lines. */
import type { LogMarks } from "./messages";
import type { PaneView, ViewWatcher } from "./pane";

/** A mark is so high, so there is no use in telling places apart that are closer. */
const MARK_PX = 3;

export class LogMinimap implements ViewWatcher {
  private readonly view = document.createElement("div");
  private readonly marks = document.createElement("div");

  constructor(
    private readonly root: HTMLElement,
    private readonly onChoose: (part: number) => void,
  ) {
    this.view.className = "log-map-view";
    root.replaceChildren(this.marks, this.view);
    root.addEventListener("pointerdown", this.onPointer);
    root.addEventListener("pointermove", this.onPointer);
  }

  destroy(): void {
    this.root.removeEventListener("pointerdown", this.onPointer);
    this.root.removeEventListener("pointermove", this.onPointer);
    this.root.replaceChildren();
  }

  /** How many places it can tell apart. */
  get parts(): number {
    return Math.max(1, Math.floor(this.root.clientHeight / MARK_PX));
  }

  setView({ top, size }: PaneView): void {
    this.view.style.top = `${top * 100}%`;
    this.view.style.height = `${size * 100}%`;
  }

  setMarks({ errors, matches }: LogMarks, parts: number): void {
    this.marks.replaceChildren(
      ...errors.map((part) => mark("log-map-error", part / parts)),
      ...matches.map((part) => mark("log-map-match", part / parts)),
    );
  }

  private readonly onPointer = (event: PointerEvent): void => {
    if ((event.buttons & 1) === 0) return;
    if (event.type === "pointerdown") this.root.setPointerCapture(event.pointerId);
    const { top, height } = this.root.getBoundingClientRect();
    this.onChoose(Math.max(0, Math.min(1, (event.clientY - top) / height)));
  };
}

function mark(kind: string, place: number): HTMLElement {
  const element = document.createElement("div");
  element.className = `log-map-mark ${kind}`;
  element.style.top = `${place * 100}%`;
  return element;
}
