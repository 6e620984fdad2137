/**
 * The icons of the pages that have the whole inventory: ./index brings them into the sprite, so that signing in does without.
 * Drawn like those of ./icon-paths. Only path data lives here.
 */
import { addIcons } from "./icon";

export const MORE_ICONS = {
  add: "M8 3v10M3 8h10",
  arrow: "M3 8h10M9 4l4 4-4 4",
  artifact: "M2.5 5 8 2.5 13.5 5v6L8 13.5 2.5 11zM2.5 5 8 7.5 13.5 5M8 7.5v6",
  bell: "M4 11V7.5a4 4 0 0 1 8 0V11l1 1.5H3zM6.5 13.5h3",
  branch:
    "M4.5 5v6M4.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M4.5 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M11.5 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M11.5 6c0 3-7 2-7 5",
  build: "M2.5 12.5 8 7M9.5 2.5l4 4-2.5 2.5-4-4zM2.5 12.5l1 1L9 8",
  chart: "M3 13V9M8 13V3M13 13V6",
  chevron: "M6 3.5 10.5 8 6 12.5",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.5V8l2.5 1.5",
  close: "M4 4l8 8M12 4l-8 8",
  delete: "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
  down: "M8 3v10M4 9l4 4 4-4",
  download: "M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
  edit: "M3 13l.5-3L10.5 3l2.5 2.5-7 7zM9 4.5 11.5 7",
  fold: "M3 8h10M8 2v4M6 4.5 8 6.5l2-2M8 14v-4M6 11.5 8 9.5l2 2",
  folder: "M2 4h4l1.5 1.5H14v7H2z",
  home: "M2.5 7.5 8 3l5.5 4.5M4 6.5v6.5h8V6.5M6.5 13V9.5h3V13",
  keyboard: "M2 4h12v8H2zM4.5 6.5h.1M7 6.5h.1M9.5 6.5h.1M12 6.5h.1M5 9.5h6",
  log: "M3 4h10M3 7h7M3 10h9M3 13h5",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  passed: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.3 8.2 7.2 10l3.5-3.8",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  pin: "M4.5 2.5h7v11L8 10.5l-3.5 3z",
  pipeline:
    "M3.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M12.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M5 4h4a2 2 0 0 1 2 2v.5a2 2 0 0 1-2 2H7a2 2 0 0 0-2 2v0a1.5 1.5 0 0 0 1.5 1.5H11",
  play: "M5 3.5v9l7-4.5z",
  project: "M2.5 3h11v10h-11zM2.5 6h11M5 9h4",
  ring: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M6.7 5.6v4.8L10.5 8z",
  runner: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.1M5 11h.1",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.5 10.5 14 14",
  settings:
    "M3 4.5h6M12 4.5h1M3 11.5h1M7 11.5h6M10.5 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M5.5 13a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
  stop: "M4 4h8v8H4z",
  up: "M8 13V3M4 7l4-4 4 4",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8M3 13.5c.4-2.4 2.4-3.5 5-3.5s4.6 1.1 5 3.5",
  wrap: "M3 4h10M3 8h8a2 2 0 0 1 0 4H8M9.5 10 7.5 12l2 2M3 12h2",
} as const;

addIcons(MORE_ICONS);
