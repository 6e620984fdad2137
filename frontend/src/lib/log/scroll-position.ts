/**
 * How far the element of a log is scrolled, in the log's own pixels: exact after a jump, and kept while the element is not
 * displayed. It must not know rows.
 */
import { clamp, type Extent, scrollTopOf, spacerHeight, topOf } from "./scroll";

export class ScrollPosition {
  /** Gives the element the height that it scrolls over. */
  readonly spacer = document.createElement("div");
  private lastTop = 0;
  private wasHidden = false;
  /** Exact top after a jump: the scaled scroll position alone would lose it. */
  private pinned: { scrollTop: number; top: number } | null = null;

  constructor(
    private readonly root: HTMLElement,
    private height: number,
  ) {
    this.spacer.className = "log-spacer";
  }

  get extent(): Extent {
    return { total: this.height, viewport: this.root.clientHeight };
  }

  get top(): number {
    const { scrollTop } = this.root;
    if (this.pinned && Math.abs(this.pinned.scrollTop - scrollTop) < 1) return this.pinned.top;
    return topOf(scrollTop, this.extent);
  }

  /** From the log's own pixels to those of the element. */
  get shift(): number {
    return this.root.scrollTop - this.top;
  }

  jump(top: number): void {
    const { extent } = this;
    const exact = clamp(top, 0, extent.total - extent.viewport);
    this.root.scrollTop = scrollTopOf(exact, extent);
    this.pinned = { scrollTop: this.root.scrollTop, top: exact };
    this.lastTop = exact;
  }

  toBottom(): void {
    this.jump(Number.MAX_SAFE_INTEGER);
  }

  /** Answers whether another part is seen now. */
  resize(height: number, following: boolean): boolean {
    if (height === this.height) return false;
    const { top } = this;
    this.height = height;
    const { extent } = this;
    this.spacer.style.height = `${spacerHeight(extent)}px`;
    // Growth changes the scale of a capped log; the reader must not be moved by it.
    const isCapped = spacerHeight(extent) < extent.total;
    if (following) this.toBottom();
    else if (isCapped) this.jump(top);
    return following || isCapped;
  }

  /** The reader has scrolled. */
  moved(): void {
    this.lastTop = this.top;
  }

  /** An element that was not displayed has forgotten how far it was scrolled. */
  restoreAfterHiding(following: boolean): void {
    const isHidden = this.root.clientHeight === 0;
    if (this.wasHidden && !isHidden && !following) this.jump(this.lastTop);
    this.wasHidden = isHidden;
  }
}
