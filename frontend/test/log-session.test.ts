/** A log's worker and the page: which answers count, and what becomes of questions when the worker is replaced. */
import { expect, test } from "bun:test";
import { waitFor } from "@testing-library/react";
import type { LogQuery } from "@/lib/log/query";
import { LogSession } from "@/lib/log/session";
import { HeldWorker } from "./fake/log-worker.ts";

const query = (text: string, mode: LogQuery["mode"] = "plain"): LogQuery => ({
  text,
  mode,
  letters: "any",
  words: "any",
});

/** The session of an ended build with this log, and the workers that it made. */
function sessionOf(text: string, makeWorker = () => new HeldWorker()) {
  const workers: HeldWorker[] = [];
  const session = new LogSession({
    source: {
      raw: async () => ({ body: new Blob([text]).stream(), sequence: 0 }),
      stream: () => Promise.reject(new Error("must not be called")),
    },
    makeWorker: () => {
      const made = makeWorker();
      workers.push(made);
      return made;
    },
    hasEnded: () => true,
    maxBytes: 64 << 20,
  });
  session.start();
  const worker = (): HeldWorker => {
    const last = workers.at(-1);
    if (!last) throw new Error("no worker was made");
    return last;
  };
  const matchesToCome = () =>
    waitFor(() => expect(worker().held.some(({ kind }) => kind === "matches")).toBe(true));
  return { session, workers, worker, matchesToCome };
}

test("what is found for an earlier search while a new one begins is dropped", async () => {
  const { session, worker, matchesToCome } = sessionOf("alpha\nbeta\nalpha\n");
  await waitFor(() => expect(session.get().phase).toBe("ended"));
  session.search(query("alpha"));
  await matchesToCome();
  session.search(query("beta"));
  worker().deliver();
  expect(session.get().search).toMatchObject({ lines: [], progress: "more" });
  await matchesToCome();
  worker().deliver();
  expect(session.get().search).toMatchObject({ lines: [1], progress: "done" });
  session.stop();
});

test("a pattern that was no pattern is not held against the one that follows", async () => {
  const { session, worker, matchesToCome } = sessionOf("alpha\n");
  await waitFor(() => expect(session.get().phase).toBe("ended"));
  session.search(query("(", "regex"));
  session.search(query("(alpha)", "regex"));
  worker().deliver();
  expect(session.get().search).toMatchObject({ progress: "more", problem: null });
  await matchesToCome();
  worker().deliver();
  expect(session.get().search).toMatchObject({ lines: [0], problem: null });
  session.search(query("(", "regex"));
  worker().deliver();
  expect(session.get().search?.problem).toEqual(expect.any(String));
  session.stop();
});
