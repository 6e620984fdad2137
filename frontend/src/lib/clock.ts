/** One shared ticker for everything on screen that shows passing time. Components must not set intervals of their own. */
import { useSyncExternalStore } from "react";

/** Made once: another function at each render would stop and start the ticker, and with it the time, without end. */
type Ticker = { subscribe: (listener: () => void) => () => void; read: () => number };

const second = makeTicker(1_000);
const minute = makeTicker(20_000);

/** The current time in unix ms, renewed each second (for running things) or every 20 s (for "4 min ago"). */
export function useNow(pace: "second" | "minute"): number {
  const ticker = pace === "second" ? second : minute;
  return useSyncExternalStore(ticker.subscribe, ticker.read);
}

function makeTicker(every: number): Ticker {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    if (timer === undefined) {
      now = Date.now();
      timer = setInterval(() => {
        now = Date.now();
        for (const run of listeners) run();
      }, every);
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }
  return { subscribe, read: () => now };
}
