/** What lies over the page on request: the palette, the keys, the choice of what to build. The shell shows it. */
import { createStore } from "./store";

export const overlay = createStore<"palette" | "keys" | "run" | null>(null);
