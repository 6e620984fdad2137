/** Loaded before every test: a browser-like world from happy-dom and a clean page after each test. No product code here. */

import { afterEach } from "bun:test";
import { GlobalRegistrator } from "@happy-dom/global-registrator";

// bun's own network and stream types are kept: the fake server answers with real streams.
const native = {
  fetch,
  Request,
  Response,
  Headers,
  ReadableStream,
  AbortController,
  AbortSignal,
  BroadcastChannel,
  Blob,
};
GlobalRegistrator.register({ url: "http://localhost:8787/" });
Object.assign(globalThis, native, { IS_REACT_ACT_ENVIRONMENT: true });

/** Nothing is laid out, so all of a page is on screen. */
class AllSeen {
  constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {}
  observe(): void {
    queueMicrotask(() => this.tell([{ isIntersecting: true }]));
  }
  disconnect(): void {}
}
Object.assign(globalThis, { IntersectionObserver: AllSeen });

const { cleanup, configure } = await import("@testing-library/react");

// Long enough for the slowest machine: a wait says that something never came, not that it came late.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  // As another tab would tell of it, so that nothing goes on with what was read before.
  window.dispatchEvent(new StorageEvent("storage", { key: null }));
});
