/** What a reader searches a log for, and how a text is matched. Used in the worker to find and on the page to mark. */

export interface LogQuery {
  readonly text: string;
  readonly mode: "plain" | "regex";
  readonly letters: "any" | "exact";
  /** Whether a match may be a part of a longer word. */
  readonly words: "any" | "whole";
}

export type CompiledQuery = { readonly pattern: RegExp } | { readonly error: string };

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The pattern is global and meant for one line at a time, as the server's is; a pattern that matches nothing at all places
 * is refused.
 */
export function compileQuery(query: LogQuery): CompiledQuery {
  const text = query.mode === "regex" ? query.text : escapePattern(query.text);
  const source = query.words === "whole" ? `(?<!\\w)(?:${text})(?!\\w)` : text;
  try {
    const pattern = new RegExp(source, query.letters === "any" ? "gi" : "g");
    return pattern.test("") ? { error: "matches-everything" } : { pattern };
  } catch (cause) {
    return {
      error: cause instanceof Error ? cause.message.replace(/^Invalid regular expression: /, "") : "invalid",
    };
  }
}

/** Where `pattern` matches in one line. */
export function matchRanges(text: string, pattern: RegExp): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== "") ranges.push([match.index, match.index + match[0].length]);
  }
  return ranges;
}

/** The same as the server is asked for it. */
export interface ServerQuery {
  readonly q: string;
  readonly regex: boolean;
  readonly case: boolean;
}

/** The server knows no whole words, but patterns. */
export function serverQuery({ text, mode, letters, words }: LogQuery): ServerQuery {
  const exact = letters === "exact";
  if (words === "any") return { q: text, regex: mode === "regex", case: exact };
  const inner = mode === "regex" ? text : escapePattern(text);
  return { q: `(?:^|\\W)(?:${inner})(?:$|\\W)`, regex: true, case: exact };
}
