/**
 * The log's worker without the worker: takes commands and questions, gives answers and news through `post`. Holds one
 * log, or a part of it. Must not touch the page or the network.
 */
import { colouredText, parseAnsi, plainText } from "@/lib/ansi/parse";
import { type LayoutRow, LogLayout } from "./layout";
import { MARKER_PREFIX } from "./markers";
import type {
  FromWorker,
  HeldPart,
  LogAnswers,
  LogFrame,
  LogHeight,
  LogQuestion,
  LogState,
  RowView,
  StepView,
  ToWorker,
} from "./messages";
import { compileQuery, type LogQuery } from "./query";
import { LogSearch } from "./search";
import { LogStore } from "./store";

/** News about growth is told at most this often: a page paints no faster. */
const NEWS_INTERVAL_MS = 50;

const encoder = new TextEncoder();

export class LogEngine {
  private store = new LogStore();
  private layout = new LogLayout(this.store);
  private droppedUnits = 0;
  private search: LogSearch | null = null;
  private searchId = 0;
  private told = 0;
  private hasTold = false;
  private newsTimer: ReturnType<typeof setTimeout> | undefined;
  private searchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly post: (message: FromWorker) => void) {}

  handle(message: ToWorker): void {
    switch (message.kind) {
      case "append":
        this.store.append(new Uint8Array(message.bytes));
        this.grown();
        break;
      case "frames":
        for (const frame of message.frames) this.appendFrame(frame);
        this.grown();
        break;
      case "begin":
        this.begin(message.part);
        break;
      case "over":
        this.store.isOver = true;
        this.grown();
        break;
      case "steps":
        this.store.expectSteps(message.starts, message.known);
        break;
      case "fold":
        this.layout.setFolded(message.step, message.state);
        this.tellSoon();
        break;
      case "limit":
        this.store.maxBytes = message.bytes;
        break;
      case "times":
        this.store.setTimes(message.places);
        this.tellSoon();
        break;
      case "wrap":
        this.layout.wrapAt(message.columns);
        this.tellSoon();
        break;
      case "search":
        this.startSearch(message.id, message.query);
        break;
      case "ask":
        this.post({ kind: "answer", id: message.id, value: this.answer(message.question) });
    }
  }

  private answer(question: LogQuestion): LogAnswers[keyof LogAnswers] {
    switch (question.ask) {
      case "window":
        return {
          rows: this.layout.rows(question.from, question.to).map((row) => this.rowView(row)),
          steps: this.steps(),
          ...this.height(),
        };
      case "unit":
        return { unit: this.unitOf(question), ...this.height() };
      case "state":
        return this.state();
      case "text":
        return this.text(question.from, question.to, question.colours === "kept" ? colouredText : plainText);
      case "marks":
        return {
          errors: this.partsOf(question.errors, question.parts),
          matches: this.partsOf(this.search?.lines ?? [], question.parts),
        };
      case "line":
        return this.lineOf(question.step, question.number);
    }
  }

  /** From now on the log, or another part of it. */
  private begin(part: HeldPart): void {
    const { maxBytes } = this.store;
    this.store = new LogStore(part);
    this.store.maxBytes = maxBytes;
    this.layout = new LogLayout(this.store);
    this.droppedUnits = 0;
    this.tellSoon();
  }

  private height(): LogHeight {
    return { totalUnits: this.layout.totalUnits(), droppedUnits: this.droppedUnits };
  }

  private unitOf({ line, step }: { line: number; step: number }): number {
    return line >= 0 ? this.layout.unitOfLine(line) : this.layout.unitOfStep(step);
  }

  /** Which of so many parts of the log's height the lines stand in, as far as they are held. `lines` ascend. */
  private partsOf(lines: readonly number[], parts: number): number[] {
    const total = Math.max(1, this.layout.totalUnits());
    const found: number[] = [];
    for (const line of lines) {
      if (line < this.store.firstLine || line >= this.store.lineCount) continue;
      const part = Math.floor((this.layout.unitOfLine(line) / total) * parts);
      if (part !== found.at(-1)) found.push(part);
    }
    return found;
  }

  private appendFrame(frame: LogFrame): void {
    if (frame.content.startsWith(MARKER_PREFIX)) this.store.expectMarker(frame.step);
    this.store.append(encoder.encode(frame.newline ? `${frame.content}\n` : frame.content), frame.at);
  }

  private grown(): void {
    this.makeRoom();
    this.tellSoon();
    if (this.search) this.searchSoon();
  }

  /** The first lines go when there are more than a page can hold. */
  private makeRoom(): void {
    if (this.store.bytes.length <= this.store.maxBytes) return;
    const line = this.store.surplus;
    const before = this.layout.totalUnits();
    this.store.drop(line);
    this.layout.drop(line);
    this.droppedUnits += before - this.layout.totalUnits();
    this.told = Math.max(0, this.told - (this.search?.drop(line) ?? 0));
  }

  private tellSoon(): void {
    const isFirst = !this.hasTold;
    this.hasTold = true;
    this.newsTimer ??= setTimeout(
      () => {
        this.newsTimer = undefined;
        this.post({ kind: "state", state: this.state() });
      },
      isFirst ? 0 : NEWS_INTERVAL_MS,
    );
  }

  private startSearch(id: number, query: LogQuery | null): void {
    clearTimeout(this.searchTimer);
    this.searchId = id;
    this.searchTimer = undefined;
    this.search = null;
    this.told = 0;
    if (query === null || query.text === "") return;
    const compiled = compileQuery(query);
    if ("error" in compiled) {
      this.post({ kind: "bad-pattern", id, message: compiled.error });
      return;
    }
    this.search = new LogSearch(compiled.pattern);
    this.searchSoon();
  }

  /** One chunk a turn, so that scrolling stays live while a search runs. */
  private searchSoon(): void {
    this.searchTimer ??= setTimeout(() => {
      this.searchTimer = undefined;
      if (!this.search) return;
      const progress = this.search.step(this.store);
      const lines = Uint32Array.from(this.search.lines.slice(this.told));
      this.told = this.search.lines.length;
      this.post({ kind: "matches", id: this.searchId, lines, progress });
      if (progress === "more") this.searchSoon();
    }, 0);
  }

  private state(): LogState {
    return {
      first: this.store.firstLine,
      lines: this.store.lineCount,
      until: this.store.until,
      total: this.store.totalLines,
      bytes: this.store.bytes.length,
      steps: this.steps(),
      ...this.height(),
    };
  }

  private steps(): StepView[] {
    return this.store.stepList.steps.map((step, index) => ({
      ...step,
      // A log that came in bulk has no time for the marker: the first line is as good.
      startedAt: step.startedAt || this.store.time(step.firstLine),
      index,
      lines: this.store.linesOfStep(index),
      folded: this.layout.isFolded(index),
      away: this.layout.isAway(index),
    }));
  }

  private rowView(row: LayoutRow): RowView {
    if (row.line < 0) return { ...row, key: `step-${row.step}`, number: 0, segments: [], cut: 0, time: 0 };
    const { text, start, cut } = this.store.line(row.line);
    const isOpen = this.store.hasOpenLine && row.line === this.store.lineCount - 1;
    return {
      ...row,
      key: isOpen ? `${row.line}~${this.store.openVersion}` : `${row.line}`,
      number: row.line - (this.store.stepList.steps[row.step]?.firstLine ?? 0) + 1,
      segments: parseAnsi(text, start).segments,
      cut,
      time: this.store.time(row.line),
    };
  }

  private text(from: number, to: number, shown: (line: string) => string): string {
    const lines: string[] = [];
    for (
      let line = Math.max(from, this.store.firstLine);
      line <= Math.min(to, this.store.lineCount - 1);
      line++
    ) {
      lines.push(shown(this.store.line(line).text));
    }
    return lines.join("\n");
  }

  /** Without a step's name a number counts over the whole log. A line of another part is one, one to come is not yet. */
  private lineOf(name: string, number: number): number {
    const { steps } = this.store.stepList;
    const index = name === "" ? 0 : steps.findIndex((step) => step.name === name);
    const step = steps[index];
    const available = name === "" ? this.store.totalLines : index < 0 ? 0 : this.store.linesOfStep(index);
    if (!step || number < 1 || number > available) return -1;
    const line = step.firstLine + number - 1;
    const { lineCount, until } = this.store;
    const isComing = line >= lineCount && (until === null || line < until);
    return isComing ? -1 : line;
  }
}
