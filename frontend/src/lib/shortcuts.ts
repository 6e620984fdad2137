/**
 * Single-key shortcuts of a page. They can be turned off for this browser, never act while somebody types, and never
 * take a key that comes with a modifier.
 */
import { useEffect, useEffectEvent } from "react";
import { createStore } from "./store";

export type Shortcuts = Readonly<Record<string, () => void>>;

const KEY = "oore.shortcuts";
const TYPING = "input, textarea, select, [contenteditable], [role=menu], [role=dialog]";

export const shortcutsAre = createStore<"on" | "off">(read());

export function setShortcuts(next: "on" | "off"): void {
  try {
    if (next === "on") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage is off: the choice holds until a reload.
  }
  shortcutsAre.set(next);
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (shortcutsAre.get() === "off" || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest(TYPING)) return;
    const action = shortcuts[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

function read(): "on" | "off" {
  try {
    return localStorage.getItem(KEY) === "off" ? "off" : "on";
  } catch {
    return "on";
  }
}
