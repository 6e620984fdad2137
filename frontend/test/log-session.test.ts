/** A log's worker and the page: which answers count, and what becomes of questions when the worker is replaced. */
import { expect, spyOn, test } from "bun:test";
import { waitFor } from "@testing-library/react";
import { rowWords } from "@/features/logs/words";
import { LogPane } from "@/lib/log/pane";
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
function sessionOf(text: string, makeWorker = (_count: number) => new HeldWorker()) {
  const workers: HeldWorker[] = [];
  const session = new LogSession({
    source: {
      raw: async () => ({ body: new Blob([text]).stream(), sequence: 0, starts: null }),
      stream: () => Promise.reject(new Error("must not be called")),
      part: () => Promise.reject(new Error("must not be called")),
      outline: () => Promise.reject(new Error("must not be called")),
    },
    makeWorker: () => {
      const made = makeWorker(workers.length);
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

/** The pane in which a session's log is read, and the texts of the rows that it shows. */
function paneOf(session: LogSession) {
  const root = document.createElement("div");
  const nothing = () => {};
  const pane = new LogPane(root, rowWords, {
    onFollow: nothing,
    onTopStep: nothing,
    onLine: nothing,
    onFold: nothing,
    onExtend: nothing,
  });
  pane.attach(session.worker);
  const rows = () => [...root.querySelectorAll(".log-text")].map((text) => text.textContent);
  return { pane, rows };
}

test("what a worker is asked gets an answer, if only that there is none, when the worker is ended", async () => {
  const { session, worker } = sessionOf("alpha\n", () => new HeldWorker("never"));
  const client = session.worker;
  const before = client?.ask({ ask: "text", from: 0, to: 0 });
  expect(worker().heard.some(({ kind }) => kind === "ask")).toBe(true);
  session.stop();
  expect(await before).toBeUndefined();
  expect(await client?.ask({ ask: "text", from: 0, to: 0 })).toBeUndefined();
});

test("a worker that is stuck inside a pattern is replaced, and the pane goes on with the next one", async () => {
  const { session, workers } = sessionOf(
    "alpha\nbeta\n",
    (count) => new HeldWorker(count === 0 ? "never" : "at once"),
  );
  const { pane, rows } = paneOf(session);
  const isAsked = () =>
    workers[0]?.heard.some((said) => said.kind === "ask" && said.question.ask === "window");
  await waitFor(() => expect(isAsked()).toBe(true));
  const timers = spyOn(globalThis, "setTimeout");
  session.search(query("(a*)*b", "regex"));
  const [giveUp] = timers.mock.calls.find(([, ms]) => ms === 4_000) ?? [];
  timers.mockRestore();
  giveUp?.();
  expect([workers.length, session.get().search?.problem]).toEqual([2, "too-slow"]);
  pane.attach(session.worker);
  await waitFor(() => expect(session.get().state.lines).toBe(2));
  pane.update(session.get().state);
  await waitFor(() => expect(rows()).toEqual(["alpha", "beta"]));
  pane.destroy();
  session.stop();
});

test("a pane goes on with another worker though the one before never answers", async () => {
  const stuck = sessionOf("alpha\n", () => new HeldWorker("never"));
  const { pane, rows } = paneOf(stuck.session);
  await waitFor(() => expect(stuck.worker().heard.some(({ kind }) => kind === "ask")).toBe(true));
  const { session } = sessionOf("alpha\nbeta\n", () => new HeldWorker("at once"));
  await waitFor(() => expect(session.get().state.lines).toBe(2));
  pane.attach(session.worker);
  await waitFor(() => expect(rows()).toEqual(["alpha", "beta"]));
  pane.destroy();
  stuck.session.stop();
  session.stop();
});
