/**
 * The scrolling part of the log viewer: a fixed pool of row elements moved by transforms over a capped spacer. React
 * never sees a row. Must not fetch or keep log text; it asks the worker for what is on screen. Where it is scrolled to, when
 * it paints, its rows and their marks are files of their own.
 */
import type { LogClient } from "./client";
import { type LineRange, LineStates } from "./line-states";
import type { LogHeight, LogState, WindowView } from "./messages";
import type { LineAddress } from "./places";
import { FontProbe } from "./probe";
import { Redraw } from "./redraw";
import type { LogTimes, RowStyle, RowWords } from "./row";
import { RowPool } from "./row-pool";
import { ScrollPosition } from "./scroll-position";

export const ROW_PX = 20;
/** Rows painted beyond the edges, so that a small scroll shows no blank. */
const OVERSCAN_ROWS = 24;
const BOTTOM_TOLERANCE_PX = 6;
const PADDING_PX = 12;
/** Height of the heading that stays while its step is scrolled through. */
const STICKY_PX = 2 * ROW_PX;

export interface PaneEvents {
  onFollow(state: "following" | "loose"): void;
  onTopStep(step: number): void;
  onLine(line: number, step: number, number: number, gesture: "set" | "extend"): void;
  onFold(step: number): void;
  /** One line more, or one less, is to be selected. */
  onExtend(direction: 1 | -1): void;
}

/** What part of the log is seen, in parts of the whole. */
export interface PaneView {
  readonly top: number;
  readonly size: number;
}

export interface ViewWatcher {
  setView(view: PaneView): void;
}

const heightOf = (units: number): number => units * ROW_PX + PADDING_PX;

export class LogPane {
  private readonly probe = new FontProbe();
  private readonly position: ScrollPosition;
  private readonly pool: RowPool;
  private readonly states = new LineStates();
  private readonly redraw = new Redraw(() => this.paint());
  private readonly resize: ResizeObserver;
  private client: LogClient | null = null;
  private following = false;
  private wrap: "off" | "on" = "off";
  private columns = 0;
  /** Digits that line numbers have room for. */
  private digits = 0;
  /** How much of the log's top is gone, as far as the position knows; null until the worker has said so. */
  private dropped: number | null = null;
  private watcher: ViewWatcher | null = null;

  constructor(
    private readonly root: HTMLElement,
    words: RowWords,
    private readonly events: PaneEvents,
  ) {
    this.position = new ScrollPosition(root, heightOf(0));
    this.pool = new RowPool({ words, marks: null, times: "off", build: "active", address: null }, root);
    root.replaceChildren(this.probe.element, this.pool.sticky, this.position.spacer, this.pool.box);
    root.addEventListener("scroll", this.onScroll, { passive: true });
    root.addEventListener("keydown", this.onKey);
    this.pool.box.addEventListener("click", this.onClick);
    this.pool.sticky.addEventListener("click", this.onClick);
    this.resize = new ResizeObserver(() => this.measure());
    this.resize.observe(root);
  }

  destroy(): void {
    this.resize.disconnect();
    this.redraw.end();
    this.root.removeEventListener("scroll", this.onScroll);
    this.root.removeEventListener("keydown", this.onKey);
    this.client = null;
    this.root.replaceChildren();
  }

  /** Takes the worker to ask; another one means another (or a reloaded) log. Nothing of the one before is waited for. */
  attach(client: LogClient | null): void {
    this.client = client;
    this.columns = 0;
    this.dropped = null;
    this.measure();
    this.pool.restyle();
    this.redraw.restart();
  }

  /** Who is told what part is seen, from now on. */
  watch(watcher: ViewWatcher | null): void {
    this.watcher = watcher;
    this.redraw.request();
  }

  update(state: LogState): void {
    const most = state.steps.reduce((lines, step) => Math.max(lines, step.lines), 0);
    // One more, so that the highest number does not touch the edge, where selected lines have their mark.
    this.setDigits(String(most).length + 1);
    this.setHeight(state);
    this.redraw.request();
  }

  setWrap(wrap: "off" | "on"): void {
    this.wrap = wrap;
    this.root.dataset.wrap = wrap;
    this.measure();
  }

  setTimes(times: LogTimes): void {
    this.root.dataset.times = times;
    this.measure();
    this.restyle({ times });
  }

  /** Whether the build that prints the log has ended: an open step has then been stopped. */
  setBuild(build: "active" | "ended"): void {
    this.restyle({ build });
  }

  setAddress(address: LineAddress | null): void {
    this.restyle({ address });
  }

  setMarks(marks: RegExp | null): void {
    this.restyle({ marks });
  }

  setSelection(selection: LineRange | null): void {
    this.states.select(selection);
    this.states.paint(this.pool.rows);
  }

  setCurrent(line: number): void {
    this.states.goTo(line);
    this.states.paint(this.pool.rows);
  }

  /** The first line that is seen as a whole, by its row; null if there is none. */
  get topLine(): { step: number; number: number } | null {
    const { top, bottom } = this.root.getBoundingClientRect();
    const below = top + (this.pool.sticky.hidden ? 0 : STICKY_PX);
    const rows = [...this.pool.rows].filter((row) => {
      const place = row.getBoundingClientRect();
      return Number(row.dataset.line) >= 0 && place.top >= below && place.top <= bottom;
    });
    const [first] = rows.sort((a, b) => Number(a.dataset.line) - Number(b.dataset.line));
    const number = Number(first?.querySelector(".log-number")?.textContent);
    return first ? { step: Number(first.dataset.step), number } : null;
  }

  follow(state: "following" | "loose"): void {
    if (state === "following") this.toBottom();
    this.setFollowing(state === "following");
  }

  async revealLine(line: number): Promise<void> {
    const spot = await this.client?.ask({ ask: "unit", line, step: 0 });
    if (!spot) return;
    this.setFollowing(false);
    this.setHeight(spot);
    this.revealUnit(spot.unit);
  }

  async revealStep(step: number): Promise<void> {
    const spot = await this.client?.ask({ ask: "unit", line: -1, step });
    if (!spot) return;
    this.setFollowing(false);
    this.setHeight(spot);
    this.jump(spot.unit * ROW_PX);
  }

  /** Puts a place, in parts of the whole log, into the middle. */
  revealPart(part: number): void {
    const { total, viewport } = this.position.extent;
    this.setFollowing(false);
    this.jump(part * total - viewport / 2);
  }

  private revealUnit(unit: number): void {
    const { viewport } = this.position.extent;
    const top = unit * ROW_PX;
    const seen = this.position.top;
    const isSeen = top >= seen + STICKY_PX + ROW_PX && top <= seen + viewport - 2 * ROW_PX;
    if (!isSeen) this.jump(top - viewport / 3);
    else this.redraw.request();
  }

  private jump(top: number): void {
    this.position.jump(top);
    this.redraw.request();
  }

  private toBottom(): void {
    this.position.toBottom();
    this.redraw.request();
  }

  private setHeight({ totalUnits, droppedUnits }: LogHeight): void {
    const gone = droppedUnits - (this.dropped ?? droppedUnits);
    // What the page was told may be older than what the worker has answered since.
    if (gone < 0) return;
    this.dropped = droppedUnits;
    const { top } = this.position;
    if (this.position.resize(heightOf(totalUnits), this.following)) this.redraw.request();
    // What is read stays where it is while the log loses its beginning.
    if (gone > 0 && !this.following) this.jump(top - gone * ROW_PX);
  }

  private setDigits(digits: number): void {
    if (digits === this.digits) return;
    this.digits = digits;
    this.root.style.setProperty("--log-digits", String(digits));
    this.measure();
  }

  private restyle(change: Partial<RowStyle>): void {
    this.pool.restyle(change);
    this.redraw.request();
  }

  private setFollowing(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.events.onFollow(following ? "following" : "loose");
  }

  private readonly onScroll = (): void => {
    const { scrollTop, clientHeight, scrollHeight } = this.root;
    if (clientHeight === 0) return;
    this.position.moved();
    this.setFollowing(scrollTop + clientHeight >= scrollHeight - BOTTOM_TOLERANCE_PX);
    this.redraw.request();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== this.root) return;
    const direction = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
    if (event.shiftKey && direction) {
      event.preventDefault();
      this.events.onExtend(direction);
      return;
    }
    const move = moveOf(event, this.root.clientHeight);
    if (move === undefined) return;
    event.preventDefault();
    this.jump(this.position.top + move);
  };

  private readonly onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>(".log-row");
    if (!row) return;
    if (target.closest(".log-fold")) {
      this.events.onFold(Number(row.dataset.step));
      // From far below, what is folded would pull other steps under the reader's eyes.
      if (row === this.pool.stickyRow) void this.revealStep(Number(row.dataset.step));
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
    this.position.restoreAfterHiding(this.following);
    if (this.root.clientWidth === 0) return;
    const style = getComputedStyle(this.root);
    const digits = Math.max(this.digits, Number(style.getPropertyValue("--log-least-digits")));
    const gutter = digits + Number(style.getPropertyValue("--log-beside"));
    const column = this.probe.measure(this.root);
    const fitting = column > 0 ? Math.floor(this.root.clientWidth / column) - gutter : 0;
    const columns = this.wrap === "on" ? Math.max(20, fitting) : 0;
    if (columns !== this.columns) {
      this.columns = columns;
      this.root.style.setProperty("--log-columns", `${columns}ch`);
      this.client?.send({ kind: "wrap", columns });
    }
    if (this.following) this.position.toBottom();
    this.redraw.request();
  }

  private async paint(): Promise<void> {
    const { client } = this;
    const from = Math.floor(this.position.top / ROW_PX) - OVERSCAN_ROWS;
    const rows = Math.ceil(this.root.clientHeight / ROW_PX) + 2 * OVERSCAN_ROWS;
    const view = await client?.ask({ ask: "window", from: Math.max(0, from), to: from + rows });
    if (!view || client !== this.client) return;
    this.setHeight(view);
    this.place(view);
  }

  private place(view: WindowView): void {
    const { top, shift, extent } = this.position;
    this.pool.show(view, ROW_PX, shift);
    this.states.paint(this.pool.rows);
    const topRow = view.rows.find((row) => row.unit + row.units > top / ROW_PX);
    if (topRow) this.events.onTopStep(topRow.step);
    this.pool.showSticky(topRow, view.steps);
    this.watcher?.setView({ top: top / extent.total, size: Math.min(1, extent.viewport / extent.total) });
  }
}

/** How far a key scrolls. */
function moveOf({ key, shiftKey }: KeyboardEvent, viewport: number): number | undefined {
  const page = Math.max(ROW_PX, viewport - 2 * ROW_PX);
  const moves: Record<string, number> = {
    ArrowDown: ROW_PX,
    ArrowUp: -ROW_PX,
    PageDown: page,
    PageUp: -page,
    " ": shiftKey ? -page : page,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  return moves[key];
}
