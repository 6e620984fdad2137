/** One shared ticker for everything on screen that shows passing time. Components must not set intervals of their own. */
import { useSyncExternalStore } from "react";

type Ticker = {
  now: number;
  listeners: Set<() => void>;
  timer: ReturnType<typeof setInterval> | undefined;
  every: number;
};

const second: Ticker = { now: Date.now(), listeners: new Set(), timer: undefined, every: 1_000 };
const minute: Ticker = { now: Date.now(), listeners: new Set(), timer: undefined, every: 20_000 };

/** The current time in unix ms, renewed each second (for running things) or every 20 s (for "4 min ago"). */
export function useNow(pace: "second" | "minute"): number {
  const ticker = pace === "second" ? second : minute;
  return useSyncExternalStore(
    (listener) => subscribe(ticker, listener),
    () => ticker.now,
  );
}

function subscribe(ticker: Ticker, listener: () => void): () => void {
  ticker.listeners.add(listener);
  if (ticker.timer === undefined) {
    ticker.now = Date.now();
    ticker.timer = setInterval(() => {
      ticker.now = Date.now();
      for (const run of ticker.listeners) run();
    }, ticker.every);
  }
  return () => {
    ticker.listeners.delete(listener);
    if (ticker.listeners.size > 0) return;
    clearInterval(ticker.timer);
    ticker.timer = undefined;
  };
}
