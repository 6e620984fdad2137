/** On what the page is shown, as far as apps are installed on it: a guess by what the browser says of itself, for order and words only. */
import type { Artifact } from "@/api/types";

export type Device = NonNullable<Artifact["installs_on"]>;

export function deviceHere({ userAgent, maxTouchPoints }: Navigator = navigator): Device | null {
  if (/Android/.test(userAgent)) return "android";
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  if (!/Macintosh/.test(userAgent)) return null;
  // An iPad says that it is a Mac.
  return maxTouchPoints > 1 ? "ios" : "macos";
}
