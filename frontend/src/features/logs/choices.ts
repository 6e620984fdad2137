/** How this browser shows logs, kept from build to build. */
import { keptChoice } from "@/lib/kept-choice";
import type { LogTimes } from "@/lib/log/row";

export const TIMES = ["off", "step", "clock"] as const satisfies readonly LogTimes[];

export const timesKept = keptChoice<LogTimes>("oore.log.times", TIMES);

/** As the window suggests, until somebody decides. */
export const wrapKept = keptChoice<"auto" | "on" | "off">("oore.log.wrap", ["auto", "on", "off"]);
