/**
 * The icons that signing in needs, and what may break on any page; ./more-icons has the others. Drawn by us on a 16-pixel grid
 * with 1.5-pixel strokes. Only path data lives here.
 */
export const ICONS = {
  alert: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
  back: "M13 8H3M7 4 3 8l4 4",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  denied: "M4.5 7.5h7v6h-7zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  external: "M9 3h4v4M13 3 7.5 8.5M11 9v4H3V5h4",
  filter: "M2.5 3.5h11L9.5 8.5v4l-3 1v-5z",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5v3.5M8 5v.1",
  octagon: "M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4",
  rerun: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  slash: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M4 12 12 4",
  spinner: "M8 2a6 6 0 1 0 6 6",
} as const;
