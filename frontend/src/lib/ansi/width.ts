/**
 * How many columns of a monospace grid a text takes: two for East Asian wide characters and emoji, none for combining
 * marks. An approximation that wrap mode builds on; it must not look at fonts or at the page.
 */

/** Asks for the emoji of the character before it. */
const EMOJI_STYLE = "\ufe0f";

const ASCII = /^[\x20-\x7e]*$/;

/** Which fonts are likely to show it: they differ in how wide they are. */
export type WideKind = "emoji" | "hangul" | "han";

/** Wide and full-width characters of Unicode's UAX #11, some blocks as a whole. */
const WIDE: Readonly<Record<WideKind, string>> = {
  emoji:
    "231a-231b 2329-232a 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2630-2637 2648-2653 267f 268a-268f 2693 26a1 26aa-26ab " +
    "26bd-26be 26c4-26c5 26ce 26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e 2753-2755 2757 2795-2797 " +
    "27b0 27bf 2b1b-2b1c 2b50 2b55 1f004 1f0cf 1f18e 1f191-1f19a 1f200-1f265 1f300-1f64f 1f680-1f6ff 1f7e0-1f7eb 1f7f0 " +
    "1f900-1f9ff 1fa70-1faff",
  hangul: "1100-115f a960-a97c ac00-d7a3",
  han: "2e80-303e 3041-a4cf f900-faff fe10-fe19 fe30-fe6b ff01-ff60 ffe0-ffe6 16fe0-18cff 1aff0-1b2fb 20000-3fffd",
};

const escaped = (range: string): string => range.replace(/[0-9a-f]+/g, "\\u{$&}");
const setOf = (kind: WideKind): string => WIDE[kind].split(" ").map(escaped).join("");

const WIDE_CHARACTER = new RegExp(`^[${setOf("emoji")}${setOf("hangul")}${setOf("han")}]$`, "u");
const MARKS = "[\\p{Mn}\\p{Me}\\p{Cf}]*";
/** Wide characters of one kind in a row, with what is put on them. */
const WIDE_RUN = new RegExp(
  `(?<emoji>(?:(?:[${setOf("emoji")}]|[^\\x00-\\x7f]${EMOJI_STYLE})${MARKS})+)|` +
    `(?<hangul>(?:[${setOf("hangul")}]${MARKS})+)|(?<han>(?:[${setOf("han")}]${MARKS})+)`,
  "gu",
);

const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function columnsOf(character: string): number {
  if (character < "\u0300") return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE_CHARACTER.test(character) ? 2 : 1;
}

export function characterColumns(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  let last = 0;
  for (const character of text) {
    // The character before is then an emoji.
    const own: number = character === EMOJI_STYLE && last === 1 ? 1 : columnsOf(character);
    columns += own;
    last = own === 0 ? last : own;
  }
  return columns;
}

export interface TextPiece {
  readonly text: string;
  /** What kind of wide characters it has; null if none. */
  readonly kind: WideKind | null;
}

export function piecesOf(text: string): TextPiece[] {
  if (ASCII.test(text)) return [{ text, kind: null }];
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const { 0: run, index, groups } of text.matchAll(WIDE_RUN)) {
    if (index > end) pieces.push({ text: text.slice(end, index), kind: null });
    pieces.push({ text: run, kind: groups?.emoji ? "emoji" : groups?.hangul ? "hangul" : "han" });
    end = index + run.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), kind: null });
  return pieces;
}
