/** The chosen theme: system, light or dark. public/theme.js applies the same value before the first paint. */
import { createStore } from "./store";

export type Theme = "system" | "light" | "dark";

const KEY = "oore.theme";

export const theme = createStore<Theme>(read());

export function setTheme(next: Theme): void {
  try {
    if (next === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage is off: the theme holds until a reload.
  }
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  theme.set(next);
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}
