/**
 * The one registry of single-key shortcuts: which keys there are, and which of them act on the page now. They can be turned
 * off for this browser, never act while somebody types, and never take a key that comes with a modifier. Their words are in
 * messages/en/keys.
 */
import { useEffect, useRef } from "react";
import { keptChoice } from "./kept-choice";

/** Keys in a row are separated by spaces. Without a key it is an action for the palette only. */
export const KEYS = {
  goHome: "g h",
  goBuilds: "g b",
  goProjects: "g p",
  goReleases: "g e",
  goInsights: "g i",
  goRunners: "g r",
  goSettings: "g s",
  help: "?",
  run: "c",
  filter: "/",
  next: "j",
  previous: "k",
  select: "x",
  rowActions: ".",
  rerun: "r",
  cancel: "",
  compare: "",
  copyLink: "y",
  view1: "1",
  view2: "2",
  view3: "3",
  view4: "4",
  view5: "5",
  view6: "6",
  previousStep: "[",
  nextStep: "]",
  steps: "s",
  nextError: "e",
  previousError: "E",
  nextMatch: "n",
  previousMatch: "N",
  follow: "f",
  wrap: "w",
  fold: "z",
  times: "t",
  full: "m",
} as const;

export type ShortcutId = keyof typeof KEYS;

/** Other keys for the same, while the focus is on a row. Elsewhere they scroll the page, as ever. */
export const ROW_KEYS: { readonly [id in ShortcutId]?: string } = { next: "ArrowDown", previous: "ArrowUp" };
export type Actions = Partial<Record<ShortcutId, () => void>>;

const TYPING =
  "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu], [role=dialog]";
/** How long the first key of two waits for the second. */
const PATIENCE_MS = 1_500;

export const shortcutsAre = keptChoice("oore.shortcuts", ["on", "off"]);

const mounted = new Set<{ readonly current: Actions }>();
let typed = "";
let patience: ReturnType<typeof setTimeout> | undefined;

window.addEventListener("keydown", onKey);

/** What the keys do while the component is on the page. Of two that use the same key, the later one has it. */
export function useShortcuts(actions: Actions): void {
  const entry = useRef(actions);
  useEffect(() => {
    entry.current = actions;
  });
  useEffect(() => {
    mounted.add(entry);
    return () => void mounted.delete(entry);
  }, []);
}

/** What can be done on the page now. */
export function activeShortcuts(): ShortcutId[] {
  return (Object.keys(KEYS) as ShortcutId[]).filter(actionOf);
}

export function runShortcut(id: ShortcutId): void {
  actionOf(id)?.();
}

function actionOf(id: ShortcutId): (() => void) | undefined {
  return [...mounted].findLast(({ current }) => current[id])?.current[id];
}

function onKey(event: KeyboardEvent): void {
  if (shortcutsAre.get() === "off" || event.defaultPrevented) return;
  if (isModified(event) || event.isComposing || event.key === "Shift") return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  const keys = typed ? `${typed} ${event.key}` : event.key;
  remember("");
  // One key may mean different things on different pages.
  const ids = activeShortcuts();
  const id = ids.find((known) => KEYS[known] === keys || (ROW_KEYS[known] === keys && isOnRow(event.target)));
  const isBegun = ids.some((known) => KEYS[known].startsWith(`${keys} `));
  if (!id && !isBegun) return;
  event.preventDefault();
  if (id) runShortcut(id);
  else remember(keys);
}

/** A row is an item of a list with a link that says `data-row`. */
function isOnRow(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("li:has([data-row])") !== null;
}

/** A sign that the layout has behind AltGr or Option, as German ones have "[", comes without a modifier of its own. */
function isModified(event: KeyboardEvent): boolean {
  const { altKey, ctrlKey, metaKey, key, code } = event;
  const byAlt = altKey && !ctrlKey && /^(Digit|Key)/.test(code);
  const isTyped = /^\W$/.test(key) && (byAlt || event.getModifierState("AltGraph"));
  return metaKey || ((altKey || ctrlKey) && !isTyped);
}

function remember(keys: string): void {
  clearTimeout(patience);
  typed = keys;
  if (keys) patience = setTimeout(() => remember(""), PATIENCE_MS);
}
