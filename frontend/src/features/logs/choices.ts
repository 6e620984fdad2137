/** How this browser shows logs, kept from build to build. */
import { readBrowser, writeBrowser } from "@/lib/browser-storage";
import { keptChoice } from "@/lib/kept-choice";
import type { LogTimes } from "@/lib/log/row";
import { createStore, type Store } from "@/lib/store";

export const TIMES = ["off", "step", "clock"] as const satisfies readonly LogTimes[];

export const timesKept = keptChoice<LogTimes>("oore.log.times", TIMES);

/** As the window suggests, until somebody decides. */
export const wrapKept = keptChoice<"auto" | "on" | "off">("oore.log.wrap", ["auto", "on", "off"]);

/** Whether the steps stand beside a log. */
export const railKept = keptChoice("oore.log.steps", ["open", "closed"]);

export const toggleRail = (): void => railKept.set(railKept.get() === "open" ? "closed" : "open");

/** How wide the steps beside a log may be, in pixels. */
export const RAIL = { least: 200, usual: 240, most: 420 };

export const railWidth = keptWidth("oore.log.rail");

/** Whatever is asked for, it stays within the bounds. */
function keptWidth(key: string): Store<number> {
  const within = (width: number) =>
    Number.isFinite(width) ? Math.round(Math.min(RAIL.most, Math.max(RAIL.least, width))) : RAIL.usual;
  const store = createStore(within(Number(readBrowser(key) ?? RAIL.usual)));
  return {
    ...store,
    set(next) {
      const width = within(next);
      writeBrowser(key, String(width));
      store.set(width);
    },
  };
}
