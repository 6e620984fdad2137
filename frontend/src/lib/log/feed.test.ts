/** The feed against a server that cuts, repeats, skips, refuses and restarts: the bytes must come out once each. */
import { describe, expect, spyOn, test } from "bun:test";
import { ApiError } from "@/api/errors";
import type { BuildLogIndex } from "@/api/types";
import type { SseMessage } from "@/lib/live/sse";
import { type FeedPhase, LogFeed, type LogSource } from "./feed";
import type { LogPart } from "./part";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const chunk = (sequence: number, content = `line ${sequence}`): SseMessage => ({
  id: String(sequence),
  event: "log",
  data: JSON.stringify({ sequence, content, stream: "stdout", at: 1 }),
});
const done = (why: string): SseMessage => ({ id: null, event: "done", data: why });
const text = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join("");

function body(content: string, cut?: number): ReadableStream<Uint8Array> {
  const bytes = encoder.encode(content);
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return cut === undefined ? controller.close() : controller.error(new TypeError("cut"));
      sent = true;
      controller.enqueue(cut === undefined ? bytes : bytes.slice(0, cut));
      if (bytes.length === 0) controller.close();
    },
  });
}

async function* messages(list: SseMessage[]): AsyncGenerator<SseMessage | null> {
  yield* list;
}

const inPart = () => Promise.reject(new Error("the log must not be read in part"));
const NOTHING_KNOWN = { steps: [], totalLines: 0 };
const WHOLE = { part: inPart, outline: inPart };

async function collect(
  source: Pick<LogSource, "raw" | "stream">,
  hasEnded = () => false,
): Promise<{ text: string; phases: FeedPhase[] }> {
  let all = "";
  const phases: FeedPhase[] = [];
  const feed = new LogFeed(
    { ...WHOLE, ...source },
    {
      bytes: (bytes) => {
        all += decoder.decode(bytes);
      },
      frames: (frames) => {
        for (const frame of frames) all += frame.content + (frame.newline ? "\n" : "");
      },
      steps: () => {},
      part: () => {},
      isFull: () => false,
      phase: (phase) => {
        if (phases.at(-1) !== phase) phases.push(phase);
      },
    },
    hasEnded,
  );
  await feed.run();
  return { text: all, phases };
}

describe("the feed", () => {
  test("reads what is there, then follows, across silent ends and repeats", async () => {
    const streams = [
      [chunk(2), chunk(3), chunk(4)],
      [chunk(3), chunk(4), chunk(5), done("authorization_ended")],
      [chunk(6), done("build_finished")],
    ];
    const asked: number[] = [];
    const result = await collect({
      raw: async () => ({ body: body(text(0, 2)), sequence: 2, starts: null }),
      stream: async (after) => {
        asked.push(after);
        return messages(streams.shift() ?? []);
      },
    });
    expect(result.text).toBe(text(0, 6));
    expect(asked).toEqual([2, 4, 5]);
    expect(result.phases).toEqual(["loading", "streaming", "ended"]);
  });

  test("fills a gap by reading it", async () => {
    const result = await collect({
      raw: async (after) =>
        after === -1
          ? { body: body(text(0, 1)), sequence: 1, starts: null }
          : { body: body(text(2, 7)), sequence: 7, starts: null },
      stream: async () => messages([chunk(5), chunk(7), chunk(8), done("build_finished")]),
    });
    expect(result.text).toBe(text(0, 8));
  });

  test("takes up a cut download without repeating a byte", async () => {
    let calls = 0;
    const result = await collect(
      {
        raw: async () => ({
          body: body(text(0, 9), ++calls === 1 ? 25 : undefined),
          sequence: 9,
          starts: null,
        }),
        stream: async () => messages([]),
      },
      () => true,
    );
    expect([result.text, calls]).toEqual([text(0, 9), 2]);
  });

  test("says that it reconnects while the server is away, and goes on", async () => {
    let calls = 0;
    const result = await collect({
      raw: async () => ({ body: body(text(0, 0)), sequence: 0, starts: null }),
      stream: async () => {
        if (++calls < 3) throw new ApiError({ status: 0, code: "unreachable", message: "" });
        return messages([chunk(1), done("build_finished")]);
      },
    });
    expect(result.phases).toEqual(["loading", "streaming", "reconnecting", "streaming", "ended"]);
    expect(result.text).toBe(text(0, 1));
  });

  test("an ended build is read once and not followed", async () => {
    const result = await collect(
      {
        raw: async () => ({ body: body(text(0, 3)), sequence: 3, starts: null }),
        stream: () => Promise.reject(new Error("must not be called")),
      },
      () => true,
    );
    expect([result.text, result.phases.at(-1)]).toEqual([text(0, 3), "ended"]);
  });

  test("a removed log is told apart from a forbidden one", async () => {
    const refuse = (status: number) => ({
      raw: () => Promise.reject(new ApiError({ status, code: "x", message: "" })),
      stream: async () => messages([]),
    });
    expect((await collect(refuse(410))).phases.at(-1)).toBe("removed");
    expect((await collect(refuse(403))).phases.at(-1)).toBe("failed");
  });

  test("unfinished lines are joined", async () => {
    const partial: SseMessage = {
      id: "0",
      event: "log",
      data: JSON.stringify({ sequence: 0, content: "do", partial: true }),
    };
    const result = await collect({
      raw: async () => ({ body: body(""), sequence: -1, starts: null }),
      stream: async () => messages([partial, chunk(1, "ne"), done("build_finished")]),
    });
    expect(result.text).toBe("done\n");
  });
});

test("what a cancelled build still prints after the end of the stream is read when it is heard of", async () => {
  let written = 1;
  const phases: FeedPhase[] = [];
  let all = "";
  const source: LogSource = {
    ...WHOLE,
    raw: async (after) => ({ body: body(text(after + 1, written)), sequence: written, starts: null }),
    stream: async () => messages([done("build_finished")]),
  };
  const feed = new LogFeed(
    source,
    {
      bytes: (bytes) => {
        all += decoder.decode(bytes);
      },
      frames: () => {},
      steps: () => {},
      part: () => {},
      isFull: () => false,
      phase: (phase) => phases.push(phase),
    },
    () => false,
  );
  await feed.run();
  expect([all, phases.at(-1)]).toEqual([text(0, 1), "ended"]);
  written = 3;
  await feed.heardOf(3);
  await feed.heardOf(2);
  expect([all, phases.at(-1)]).toEqual([text(0, 3), "ended"]);
});

test("last words that are asked for while the server is away come when it is back, and a log that is gone is not asked for", async () => {
  let written = 1;
  let answers: (() => void)[] = [];
  const phases: FeedPhase[] = [];
  let all = "";
  const source: LogSource = {
    ...WHOLE,
    raw: async (after) => {
      answers.shift()?.();
      return { body: body(text(after + 1, written)), sequence: written, starts: null };
    },
    stream: async () => messages([done("build_finished")]),
  };
  const sink = {
    bytes: (bytes: Uint8Array) => {
      all += decoder.decode(bytes);
    },
    frames: () => {},
    steps: () => {},
    part: () => {},
    isFull: () => false,
    phase: (phase: FeedPhase) => phases.push(phase),
  };
  const feed = new LogFeed(source, sink, () => false);
  await feed.run();
  const refuse = (status: number) => () => {
    throw new ApiError({ status, code: "no", message: "no" });
  };
  written = 3;
  answers = [refuse(0), refuse(503)];
  await feed.heardOf(3);
  expect([all, answers.length]).toEqual([text(0, 3), 0]);
  expect(phases.slice(-3)).toEqual(["reconnecting", "reconnecting", "ended"]);
  written = 4;
  answers = [refuse(410), refuse(410)];
  await feed.heardOf(4);
  expect([all, answers.length, phases.at(-1)]).toEqual([text(0, 3), 1, "removed"]);
});

test("a page that can hold no more stops reading, and reads a part instead", async () => {
  let isFull = false;
  let pulls = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(encoder.encode("x\n"));
    },
  });
  const said: unknown[] = [];
  const outline = { bytes: 1_000 } as BuildLogIndex;
  const feed = new LogFeed(
    {
      raw: async () => ({ body: endless, sequence: 9, starts: null }),
      part: async (from, to) => {
        said.push([from, to]);
        return { body: body("the end\n"), sequence: 9, starts: null, from };
      },
      outline: async () => outline,
      stream: async () => messages([]),
    },
    {
      bytes: (bytes) => {
        isFull = pulls > 3;
        if (said.length > 0) said.push(decoder.decode(bytes));
      },
      frames: () => {},
      steps: () => {},
      part: (part) => said.push(part.from),
      isFull: () => isFull,
      phase: () => {},
    },
    () => true,
    {
      wanted: "all",
      maxBytes: 2_000,
      choose: async () => ({ ...NOTHING_KNOWN, from: { line: 90, byte: 992 }, to: null }),
    },
  );
  await feed.run();
  expect(pulls).toBeLessThan(10);
  expect(said).toEqual([{ line: 90, byte: 992 }, [992, null], "the end\n"]);
});

describe("a log that is too large", () => {
  const whole = text(0, 99);
  const at = whole.indexOf("line 50\n");
  const to = { line: 60, byte: whole.indexOf("line 60\n") };
  const from = { line: 50, byte: at };

  /** The feed of that log with what was asked for; parts are cut after so many bytes, the first time. */
  async function read(part: LogPart, cut?: number) {
    const asked: unknown[] = [];
    let all = "";
    const phases: FeedPhase[] = [];
    let isCut = cut !== undefined;
    const feed = new LogFeed(
      {
        raw: async () => ({ body: body(whole), sequence: 99, starts: null, size: whole.length }),
        part: async (start, end) => {
          asked.push([start, end]);
          const content = whole.slice(start, end ?? undefined);
          const piece = body(content, isCut ? cut : undefined);
          isCut = false;
          return { body: piece, sequence: 99, starts: null, from: start };
        },
        outline: async () => ({ bytes: whole.length }) as BuildLogIndex,
        stream: async (after) => {
          asked.push(after);
          return messages([chunk(100), done("build_finished")]);
        },
      },
      {
        bytes: (bytes) => {
          all += decoder.decode(bytes);
        },
        frames: (frames) => {
          for (const frame of frames) all += `${frame.content}\n`;
        },
        steps: () => {},
        part: () => {},
        isFull: () => false,
        phase: (phase) => phases.at(-1) !== phase && phases.push(phase),
      },
      () => false,
      { wanted: "all", maxBytes: 500, choose: async () => ({ ...NOTHING_KNOWN, ...part }) },
    );
    await feed.run();
    return { text: all, phases, asked };
  }

  test("is read from where its end was chosen to begin, and followed", async () => {
    expect(await read({ from, to: null })).toEqual({
      text: text(50, 100),
      phases: ["loading", "streaming", "ended"],
      asked: [[at, null], 99],
    });
  });

  test("is not followed where another part than the end is read", async () => {
    expect(await read({ from, to })).toEqual({
      text: text(50, 59),
      phases: ["loading", "apart"],
      asked: [[at, to.byte]],
    });
  });

  test("goes on after a cut in a part, also at its very end, without repeating a byte", async () => {
    for (const cut of [13, to.byte - at]) {
      const result = await read({ from, to }, cut);
      expect(result.text).toBe(text(50, 59));
      expect(result.asked).toEqual([
        [at, to.byte],
        [at + cut - 1, to.byte],
      ]);
    }
  });
});

describe("a stream that is given up", () => {
  /** Streams in order, each with whether it was closed: from inside, or by its signal. */
  function streamsOf(...contents: ((signal: AbortSignal) => AsyncGenerator<SseMessage | null>)[]) {
    const opened: { signal: AbortSignal; isReturned: boolean }[] = [];
    const stillOpen: number[] = [];
    const source: Pick<LogSource, "raw" | "stream"> = {
      raw: async () => ({ body: body(""), sequence: -1, starts: null }),
      stream: async (_after, signal) => {
        stillOpen.push(opened.filter((stream) => !stream.signal.aborted).length);
        const entry = { signal, isReturned: false };
        const content = contents[opened.push(entry) - 1] ?? (() => messages([]));
        async function* watched() {
          try {
            yield* content(signal);
          } finally {
            entry.isReturned = true;
          }
        }
        return watched();
      },
    };
    return { source, opened, stillOpen };
  }
  const lastWord = () => messages([done("build_finished")]);

  test("because of what it brought is closed before the next one is opened", async () => {
    const broken: SseMessage = { id: "0", event: "log", data: "{not json" };
    const streams = streamsOf(() => messages([broken, chunk(1)]), lastWord);
    const { phases } = await collect(streams.source);
    expect(phases).toEqual(["loading", "streaming", "reconnecting", "streaming", "ended"]);
    expect(streams.stillOpen).toEqual([0, 0]);
    expect(streams.opened.map(({ isReturned }) => isReturned)).toEqual([true, true]);
    expect(streams.opened.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  test("because it fell silent is closed, though a read of it is under way", async () => {
    const later = globalThis.setTimeout;
    const soon = (run: () => void, ms = 0) => later(run, ms >= 40_000 ? 0 : ms);
    const timers = spyOn(globalThis, "setTimeout").mockImplementation(soon as typeof setTimeout);
    async function* silent(signal: AbortSignal): AsyncGenerator<null> {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      yield null;
    }
    const streams = streamsOf(silent, lastWord);
    const { phases } = await collect(streams.source).finally(() => timers.mockRestore());
    expect(phases.at(-1)).toBe("ended");
    expect(streams.stillOpen).toEqual([0, 0]);
    expect(streams.opened[0]?.isReturned).toBe(true);
  });
});
