/**
 * Turns one line of terminal output into text segments with class names. Never yields HTML: what comes out is put on
 * the page as text nodes, so a log cannot inject anything. Sequences other than SGR and OSC 8 links are dropped.
 */
import { Attr, applySgr, background, foreground, PLAIN, type SgrState } from "./sgr";
import { characterColumns, piecesOf } from "./width";

export interface Segment {
  readonly text: string;
  /** Class names, space separated; empty for plain text. */
  readonly className: string;
  readonly href?: string;
}

export interface ParsedLine {
  readonly segments: readonly Segment[];
  /** State to go on with on the next line. */
  readonly end: SgrState;
  /** Width in columns of a monospace grid. */
  readonly columns: number;
}

const ESC = "\x1b";
const TAB_WIDTH = 8;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const SPECIAL = /[\x00-\x1f\x7f-\x9f]/g;
// Parameters, intermediates and the final byte of a CSI sequence (ECMA-48).
const CSI = /[\x30-\x3f]*[\x20-\x2f]*([\x40-\x7e])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: OSC, DCS, SOS, PM and APC end with BEL or ST
const STRING_END = /\x07|\x1b\\|\x9c/g;
const BARE_LINK = /https?:\/\/[^\s<>"'`{}|\\^]+/g;
const LINK_TAIL = /[.,;:!?)\]'"*_]+$/;

const classCache = new Map<SgrState, string>();

function buildClassName(state: SgrState): string {
  const names: string[] = [];
  const fg = foreground(state);
  const bg = background(state);
  const fill = state & Attr.inverse ? fg : bg;
  // A filled cell chooses its own readable text colour: free pairs of two colours cannot be kept legible.
  if (state & Attr.inverse && fg < 0) names.push("ansi-inverse");
  else if (fill >= 0) names.push(`ansi-b${fill}`);
  else if (fg >= 0) names.push(`ansi-f${fg}`);
  else if (state & Attr.dim) names.push("ansi-dim");
  if (state & Attr.bold) names.push("ansi-bold");
  if (state & Attr.italic) names.push("ansi-italic");
  if (state & Attr.underline) names.push("ansi-underline");
  if (state & Attr.strike) names.push("ansi-strike");
  return names.join(" ");
}

export function classNameOf(state: SgrState): string {
  if (state === PLAIN) return "";
  let name = classCache.get(state);
  if (name === undefined) {
    name = buildClassName(state);
    classCache.set(state, name);
  }
  return name;
}

function safeHref(uri: string): string | undefined {
  return /^https?:\/\/[^\s]+$/i.test(uri) ? uri : undefined;
}

class LineBuilder {
  readonly segments: Segment[] = [];
  columns = 0;
  private text = "";
  private href: string | undefined;

  constructor(public state: SgrState) {}

  /** Lone surrogates, tabs and widths are settled here, so that columns equal what is shown. */
  add(text: string): void {
    this.text += text;
    this.columns += characterColumns(text);
  }

  tab(): void {
    const spaces = TAB_WIDTH - (this.columns % TAB_WIDTH);
    this.text += " ".repeat(spaces);
    this.columns += spaces;
  }

  style(state: SgrState): void {
    if (state === this.state) return;
    this.flush();
    this.state = state;
  }

  link(href: string | undefined): void {
    this.flush();
    this.href = href;
  }

  flush(): void {
    if (this.text === "") return;
    const className = classNameOf(this.state);
    if (this.href !== undefined) this.push(this.text, className, this.href);
    else this.pushWithBareLinks(this.text, className);
    this.text = "";
  }

  private pushWithBareLinks(text: string, className: string): void {
    let from = 0;
    if (text.includes("://")) {
      for (const match of text.matchAll(BARE_LINK)) {
        const url = match[0].replace(LINK_TAIL, "");
        if (match.index > from) this.push(text.slice(from, match.index), className);
        this.push(url, className, url);
        from = match.index + url.length;
      }
    }
    if (from < text.length) this.push(text.slice(from), className);
  }

  /** What is wide gets the room of two columns, whatever its font: styles/log.css. */
  private push(text: string, className: string, href?: string): void {
    const link = href === undefined ? {} : { href };
    for (const { text: piece, kind } of piecesOf(text)) {
      const wide = kind === null ? "" : `log-wide-${kind}`;
      const names = className && wide ? `${className} ${wide}` : className || wide;
      this.segments.push({ text: piece, className: names, ...link });
    }
  }
}

/** Reads what follows `ESC [` at `at`; answers the index after it. */
function readCsi(line: string, at: number, out: LineBuilder): number {
  CSI.lastIndex = at;
  const match = CSI.exec(line);
  if (match === null) return at;
  const body = match[0];
  const parameters = body.slice(0, -1);
  if (match[1] === "m" && /^[\d;:]*$/.test(parameters)) out.style(applySgr(out.state, parameters));
  return at + body.length;
}

/** Reads an OSC (or another string sequence) at `at`. An unfinished one loses its introducer only: it must not hide text. */
function readString(line: string, at: number, out: LineBuilder): number {
  STRING_END.lastIndex = at;
  const end = STRING_END.exec(line);
  if (end === null) return at;
  const body = line.slice(at, end.index);
  if (body.startsWith("8;")) {
    const uri = body.slice(body.indexOf(";", 2) + 1);
    out.link(uri === "" ? undefined : safeHref(uri));
  }
  return STRING_END.lastIndex;
}

function readEscape(line: string, at: number, out: LineBuilder): number {
  const next = line[at];
  if (next === "[") return readCsi(line, at + 1, out);
  if (next === "]" || next === "P" || next === "X" || next === "^" || next === "_") {
    return readString(line, at + 1, out);
  }
  let end = at;
  while (end < line.length && line.charCodeAt(end) >= 0x20 && line.charCodeAt(end) <= 0x2f) end++;
  return Math.min(end + 1, line.length);
}

function readControl(line: string, at: number, out: LineBuilder): number {
  const control = line[at];
  if (control === ESC) return readEscape(line, at + 1, out);
  if (control === "\x9b") return readCsi(line, at + 1, out);
  if (control === "\x9d") return readString(line, at + 1, out);
  if (control === "\t") out.tab();
  return at + 1;
}

/** `start` is the state that the line before left behind. The line must not contain a newline. */
export function parseAnsi(line: string, start: SgrState = PLAIN): ParsedLine {
  const out = new LineBuilder(start);
  let at = 0;
  while (at < line.length) {
    SPECIAL.lastIndex = at;
    const special = SPECIAL.exec(line);
    const textEnd = special?.index ?? line.length;
    if (textEnd > at) out.add(line.slice(at, textEnd));
    at = special === null ? line.length : readControl(line, textEnd, out);
  }
  out.flush();
  return { segments: out.segments, end: out.state, columns: out.columns };
}

/** The text alone, for search and copy. */
export function plainText(line: string): string {
  SPECIAL.lastIndex = 0;
  if (!SPECIAL.test(line)) return line;
  return parseAnsi(line)
    .segments.map((segment) => segment.text)
    .join("");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what this looks for
const COLOUR = /(\x1b\[[\d;:]*m)/;

/** The text with its colours and no other sequence, for copying: what is pasted into a terminal must not act there. */
export function colouredText(line: string): string {
  return line
    .split(COLOUR)
    .map((piece, index) => (index % 2 === 0 ? plainText(piece) : piece))
    .join("");
}
