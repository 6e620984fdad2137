/**
 * The scrolling part of the log viewer: a fixed pool of row elements moved by transforms over a capped spacer. React
 * never sees a row. Must not fetch or keep log text; it asks the worker for what is on screen.
 */
import type { LogClient } from "./client";
import type { LogState, RowView, StepView, WindowView } from "./messages";
import type { LineAddress } from "./places";
import { type LogTimes, paintKey, paintRow, type RowStyle, type RowWords } from "./row";
import { type Extent, scrollTopOf, spacerHeight, topOf } from "./scroll";

export const ROW_PX = 20;
/** Rows painted beyond the edges, so that a small scroll shows no blank. */
const OVERSCAN_ROWS = 24;
const BOTTOM_TOLERANCE_PX = 6;
const PROBE_CHARACTERS = 100;
const PADDING_PX = 12;
/** Height of the heading that stays while its step is scrolled through. */
const STICKY_PX = 2 * ROW_PX;

export interface PaneEvents {
  onFollow(state: "following" | "loose"): void;
  onTopStep(step: number): void;
  onLine(line: number, step: number, number: number, gesture: "set" | "extend"): void;
  onFold(step: number): void;
}

/** What part of the log is seen, in parts of the whole. */
export interface PaneView {
  readonly top: number;
  readonly size: number;
}

export interface ViewWatcher {
  setView(view: PaneView): void;
}

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export class LogPane {
  private readonly spacer = document.createElement("div");
  private readonly rowsBox = document.createElement("div");
  private readonly sticky = document.createElement("div");
  private readonly stickyRow = document.createElement("div");
  private readonly probe = document.createElement("div");
  private readonly byKey = new Map<string, HTMLElement>();
  private readonly spare: HTMLElement[] = [];
  private readonly resize: ResizeObserver;
  private client: LogClient | null = null;
  private units = 0;
  private following = false;
  private wrap: "off" | "on" = "off";
  private columns = 0;
  private style: RowStyle;
  private styleVersion = 0;
  private selection: LineRange | null = null;
  private current = -1;
  private frame = 0;
  private busy = false;
  private stale = false;
  private watcher: ViewWatcher | null = null;
  private lastTop = 0;
  private stickyKey = "";
  private wasHidden = false;
  /** Exact top after a jump: the scaled scroll position alone would lose it. */
  private pinned: { scrollTop: number; top: number } | null = null;

  constructor(
    private readonly root: HTMLElement,
    words: RowWords,
    private readonly events: PaneEvents,
  ) {
    this.style = { words, marks: null, times: "off", build: "active", address: null };
    this.spacer.className = "log-spacer";
    this.rowsBox.className = "log-rows";
    this.sticky.className = "log-sticky";
    this.sticky.append(this.stickyRow);
    this.probe.className = "log-probe";
    this.probe.setAttribute("aria-hidden", "true");
    this.probe.textContent = "0".repeat(PROBE_CHARACTERS);
    root.replaceChildren(this.probe, this.sticky, this.spacer, this.rowsBox);
    root.addEventListener("scroll", this.onScroll, { passive: true });
    root.addEventListener("keydown", this.onKey);
    this.rowsBox.addEventListener("click", this.onClick);
    this.sticky.addEventListener("click", this.onClick);
    this.resize = new ResizeObserver(() => this.measure());
    this.resize.observe(root);
  }

  destroy(): void {
    this.resize.disconnect();
    cancelAnimationFrame(this.frame);
    this.root.removeEventListener("scroll", this.onScroll);
    this.root.removeEventListener("keydown", this.onKey);
    this.client = null;
    this.root.replaceChildren();
  }

  /** Takes the worker to ask; another one means another (or a reloaded) log. */
  attach(client: LogClient | null): void {
    this.client = client;
    this.columns = 0;
    // What the worker before was asked is nothing to wait for any more.
    this.busy = false;
    this.stale = false;
    this.measure();
    this.repaintAll();
  }

  /** Who is told what part is seen, from now on. */
  watch(watcher: ViewWatcher | null): void {
    this.watcher = watcher;
    this.schedule();
  }

  update(state: LogState): void {
    this.setUnits(state.totalUnits);
    this.schedule();
  }

  setWrap(wrap: "off" | "on"): void {
    this.wrap = wrap;
    this.root.dataset.wrap = wrap;
    this.measure();
  }

  setTimes(times: LogTimes): void {
    this.style = { ...this.style, times };
    this.root.dataset.times = times;
    this.measure();
    this.repaintAll();
  }

  /** Whether the build that prints the log has ended: an open step has then been stopped. */
  setBuild(build: "active" | "ended"): void {
    this.style = { ...this.style, build };
    this.repaintAll();
  }

  setAddress(address: LineAddress | null): void {
    this.style = { ...this.style, address };
    this.repaintAll();
  }

  setMarks(marks: RegExp | null): void {
    this.style = { ...this.style, marks };
    this.repaintAll();
  }

  setSelection(selection: LineRange | null): void {
    this.selection = selection;
    this.paintStates();
  }

  setCurrent(line: number): void {
    this.current = line;
    this.paintStates();
  }

  follow(state: "following" | "loose"): void {
    if (state === "following") this.toBottom();
    this.setFollowing(state === "following");
  }

  async revealLine(line: number): Promise<void> {
    const spot = await this.client?.ask({ ask: "unit", line, step: 0 });
    if (!spot) return;
    this.setFollowing(false);
    this.setUnits(spot.totalUnits);
    this.revealUnit(spot.unit);
  }

  async revealStep(step: number): Promise<void> {
    const spot = await this.client?.ask({ ask: "unit", line: -1, step });
    if (!spot) return;
    this.setFollowing(false);
    this.setUnits(spot.totalUnits);
    this.jump(spot.unit * ROW_PX);
  }

  /** Puts a place, in parts of the whole log, into the middle. */
  revealPart(part: number): void {
    const { total, viewport } = this.extent();
    this.setFollowing(false);
    this.jump(part * total - viewport / 2);
  }

  private revealUnit(unit: number): void {
    const { viewport } = this.extent();
    const top = unit * ROW_PX;
    const seen = this.top();
    const isSeen = top >= seen + STICKY_PX + ROW_PX && top <= seen + viewport - 2 * ROW_PX;
    if (!isSeen) this.jump(top - viewport / 3);
    else this.schedule();
  }

  private extent(): Extent {
    return { total: this.units * ROW_PX + PADDING_PX, viewport: this.root.clientHeight };
  }

  private top(): number {
    const { scrollTop } = this.root;
    if (this.pinned && Math.abs(this.pinned.scrollTop - scrollTop) < 1) return this.pinned.top;
    return topOf(scrollTop, this.extent());
  }

  private jump(top: number): void {
    const extent = this.extent();
    const exact = Math.max(0, Math.min(top, extent.total - extent.viewport));
    this.root.scrollTop = scrollTopOf(exact, extent);
    this.pinned = { scrollTop: this.root.scrollTop, top: exact };
    this.schedule();
  }

  private toBottom(): void {
    this.jump(Number.MAX_SAFE_INTEGER);
  }

  private setUnits(units: number): void {
    if (units === this.units) return;
    const top = this.top();
    this.units = units;
    const extent = this.extent();
    this.spacer.style.height = `${spacerHeight(extent)}px`;
    if (this.following) this.toBottom();
    // Growth changes the scale of a capped log; the reader must not be moved by it.
    else if (spacerHeight(extent) < extent.total) this.jump(top);
  }

  private setFollowing(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.events.onFollow(following ? "following" : "loose");
  }

  private readonly onScroll = (): void => {
    const { scrollTop, clientHeight, scrollHeight } = this.root;
    if (clientHeight === 0) return;
    this.lastTop = this.top();
    this.setFollowing(scrollTop + clientHeight >= scrollHeight - BOTTOM_TOLERANCE_PX);
    this.schedule();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== this.root) return;
    const page = Math.max(ROW_PX, this.root.clientHeight - 2 * ROW_PX);
    const moves: Record<string, number> = {
      ArrowDown: ROW_PX,
      ArrowUp: -ROW_PX,
      PageDown: page,
      PageUp: -page,
      " ": event.shiftKey ? -page : page,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.jump(this.top() + move);
  };

  private readonly onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>(".log-row");
    if (!row) return;
    if (target.closest(".log-fold")) {
      this.events.onFold(Number(row.dataset.step));
      // From far below, what is folded would pull other steps under the reader's eyes.
      if (row === this.stickyRow) void this.revealStep(Number(row.dataset.step));
    }
    const number = target.closest<HTMLElement>(".log-number");
    if (!number || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const gesture = event.shiftKey ? "extend" : "set";
    this.events.onLine(
      Number(row.dataset.line),
      Number(row.dataset.step),
      Number(number.textContent),
      gesture,
    );
  };

  private measure(): void {
    this.restoreAfterHiding();
    if (this.root.clientWidth === 0) return;
    const gutter = Number(getComputedStyle(this.root).getPropertyValue("--log-gutter"));
    const character = this.probe.getBoundingClientRect().width / PROBE_CHARACTERS;
    const fitting = character > 0 ? Math.floor(this.root.clientWidth / character) - gutter : 0;
    const columns = this.wrap === "on" ? Math.max(20, fitting) : 0;
    if (columns !== this.columns) {
      this.columns = columns;
      this.root.style.setProperty("--log-columns", `${columns}ch`);
      this.client?.send({ kind: "wrap", columns });
    }
    if (this.following) this.toBottom();
    this.schedule();
  }

  /** An element that was not displayed has forgotten how far it was scrolled. */
  private restoreAfterHiding(): void {
    const isHidden = this.root.clientHeight === 0;
    if (this.wasHidden && !isHidden && !this.following) this.jump(this.lastTop);
    this.wasHidden = isHidden;
  }

  private repaintAll(): void {
    this.styleVersion++;
    this.stickyKey = "";
    this.schedule();
  }

  private schedule(): void {
    if (this.busy) {
      this.stale = true;
      return;
    }
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      void this.paint();
    });
  }

  /** One question at a time: while the worker answers, further scrolling only marks the picture as stale. */
  private async paint(): Promise<void> {
    const { client } = this;
    if (!client) return;
    this.busy = true;
    this.stale = false;
    const from = Math.floor(this.top() / ROW_PX) - OVERSCAN_ROWS;
    const rows = Math.ceil(this.root.clientHeight / ROW_PX) + 2 * OVERSCAN_ROWS;
    let view: WindowView | undefined;
    try {
      view = await client.ask({ ask: "window", from: Math.max(0, from), to: from + rows });
    } finally {
      if (client === this.client) this.busy = false;
    }
    if (!view || client !== this.client) return;
    this.setUnits(view.totalUnits);
    this.place(view);
    if (this.stale) this.schedule();
  }

  private place(view: WindowView): void {
    const keys = view.rows.map((row) => `${this.styleVersion}:${paintKey(row, view.steps[row.step])}`);
    this.release(new Set(keys));
    const shift = this.root.scrollTop - this.top();
    let cursor = this.rowsBox.firstElementChild;
    view.rows.forEach((row, i) => {
      const element = this.elementFor(keys[i] ?? "", row, view.steps[row.step]);
      element.style.transform = `translateY(${row.unit * ROW_PX + shift}px)`;
      element.style.height = `${row.units * ROW_PX}px`;
      if (element === cursor) cursor = cursor.nextElementSibling;
      else this.rowsBox.insertBefore(element, cursor);
    });
    this.paintStates();
    const seen = this.top() / ROW_PX;
    const topRow = view.rows.find((row) => row.unit + row.units > seen);
    if (topRow) this.events.onTopStep(topRow.step);
    this.placeSticky(topRow, view.steps);
    const { total, viewport } = this.extent();
    this.watcher?.setView({ top: this.top() / total, size: Math.min(1, viewport / total) });
  }

  /** The heading of the step at the top, as soon as the heading itself has gone out of sight. */
  private placeSticky(topRow: RowView | undefined, steps: readonly StepView[]): void {
    const step = topRow && topRow.line >= 0 && topRow.step > 0 ? steps[topRow.step] : undefined;
    const key = step ? paintKey(headingOf(step), step) : "";
    this.sticky.hidden = !step;
    if (!step || key === this.stickyKey) return;
    this.stickyKey = key;
    paintRow(this.stickyRow, headingOf(step), step, this.style);
  }

  private release(needed: ReadonlySet<string>): void {
    for (const [key, element] of this.byKey) {
      if (needed.has(key)) continue;
      if (element.contains(document.activeElement)) this.root.focus({ preventScroll: true });
      element.remove();
      this.byKey.delete(key);
      this.spare.push(element);
    }
  }

  private elementFor(key: string, row: RowView, step: StepView | undefined): HTMLElement {
    const known = this.byKey.get(key);
    if (known) return known;
    const element = this.spare.pop() ?? document.createElement("div");
    paintRow(element, row, step, this.style);
    this.byKey.set(key, element);
    return element;
  }

  private paintStates(): void {
    for (const element of this.byKey.values()) {
      const line = Number(element.dataset.line);
      const { selection } = this;
      const isSelected = selection !== null && line >= selection.from && line <= selection.to;
      element.classList.toggle("log-selected", isSelected);
      element.classList.toggle("log-current", line >= 0 && line === this.current);
    }
  }
}

function headingOf({ index }: StepView): RowView {
  return {
    key: `step-${index}`,
    step: index,
    line: -1,
    number: 0,
    unit: 0,
    units: 0,
    segments: [],
    cut: 0,
    time: 0,
  };
}
