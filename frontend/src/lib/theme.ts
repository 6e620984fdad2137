/** The chosen theme: system, light or dark. public/early.js applies the same value before the first paint. */
import { readBrowser, writeBrowser } from "./browser-storage";
import { createStore } from "./store";

export type Theme = "system" | "light" | "dark";

const KEY = "oore.theme";

/** The header's colour, which phones continue into their own bar. */
const BAR = { light: "#ffffff", dark: "#161a24" };

export const theme = createStore<Theme>(read());
paintBar(theme.get());

export function setTheme(next: Theme): void {
  writeBrowser(KEY, next === "system" ? null : next);
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  paintBar(next);
  theme.set(next);
}

function paintBar(chosen: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const system = meta.media.includes("dark") ? "dark" : "light";
    meta.content = BAR[chosen === "system" ? system : chosen];
  }
}

function read(): Theme {
  const stored = readBrowser(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}
