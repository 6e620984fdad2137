/** A log of ASCII letters as the daemon serves it: the text, its outline, parts of it and what is found in it. For tests only. */
import type { BuildLogIndex, LogMatch } from "@/api/types";

const encoder = new TextEncoder();
const marker = (fields: object): string => `[oore-step] ${JSON.stringify(fields)}\n`;

type Step = { name: string; lines: readonly string[] };

export class LongLog {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly outline: BuildLogIndex;
  /** Ranges that were asked for. */
  readonly ranges: string[] = [];

  /** `spacing`: the server knows the place of each so many lines. The last step runs, the others have ended. */
  constructor(
    private readonly parts: readonly Step[],
    spacing: number,
  ) {
    const places: BuildLogIndex["places"] = [];
    const steps: BuildLogIndex["steps"] = [{ name: "", first_line: 1, lines: 0, first_byte: 0, bytes: 0 }];
    let text = "";
    let line = 1;
    parts.forEach(({ name, lines }, index) => {
      const begin = text.length;
      text += marker({ event: "start", name, command: `make ${name}` });
      for (const [number, content] of lines.entries()) {
        const place = line + number;
        if (place % spacing === 0)
          places.push({ line: place, byte: text.length, sequence: place, at: place });
        text += `${content}\n`;
      }
      const isLast = index === parts.length - 1;
      if (!isLast) text += marker({ event: "end", name, status: "succeeded", exit_code: 0 });
      const ended = isLast ? {} : ({ status: "succeeded", ended_at: 2_000 + index } as const);
      const size = { first_byte: begin, bytes: text.length - begin };
      steps.push({
        name,
        first_line: line,
        lines: lines.length,
        ...size,
        started_at: 1_000 + index,
        ...ended,
      });
      line += lines.length;
    });
    this.bytes = encoder.encode(text);
    const sequence = text.split("\n").length - 2;
    const all = { sequence, lines: line - 1, bytes: this.bytes.length };
    this.outline = { ...all, steps, places, errors: [], error_lines: 0 };
  }

  /** The bytes that a `Range` names. */
  raw(request: Request): Response {
    const range = request.headers.get("range");
    const starts = this.outline.steps.slice(1).map(({ first_byte }) => first_byte);
    const headers = { "x-oore-log-sequence": `${this.outline.sequence}`, "x-oore-log-steps": `${starts}` };
    if (new URL(request.url).searchParams.has("after_sequence")) {
      return this.answer(200, new Uint8Array(), { ...headers, "x-oore-log-steps": "" });
    }
    if (range === null) return this.answer(200, this.bytes, headers);
    this.ranges.push(range);
    const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const end = to === "" ? this.bytes.length : Number(to) + 1;
    return this.answer(206, this.bytes.slice(Number(from), end), headers);
  }

  search(text: string, after: number, limit: number): { matches: LogMatch[]; next_after: number | null } {
    let line = 0;
    const found = this.parts.flatMap(({ name, lines }) =>
      lines.flatMap((excerpt, index): LogMatch[] => {
        line++;
        if (!excerpt.includes(text) || line <= after) return [];
        return [{ line, step: name, step_line: index + 1, excerpt, is_whole: true, ranges: [] }];
      }),
    );
    const matches = found.slice(0, limit);
    return { matches, next_after: found.length > limit ? (matches.at(-1)?.line ?? null) : null };
  }

  private answer(status: number, bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Response {
    return new Response(bytes, { status, headers: { ...headers, "content-length": `${bytes.length}` } });
  }
}

/** Lines that say which they are. */
export const numberedLines = (name: string, count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `${name} line ${from + index}`);
