/** Finds places in code that a log names (`lib/main.dart:12:3`) and makes links of them. Only paths within the repository: an absolute one is the runner's. */
import type { Segment } from "@/lib/ansi/parse";

export type LineAddress = (path: string, line: number) => string;

const PLACE =
  /(?<![\w/.:-])(?:\.\/)?((?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:dart|kts?|java|swift|mm?|h|gradle|ya?ml|xml|plist|podspec|rb|[jt]s|json|sh)):(\d+)(?::\d+)?(?!\w)/g;

export function linkPlaces(segments: readonly Segment[], addressOf: LineAddress): Segment[] {
  return segments.flatMap((segment) => (segment.href === undefined ? split(segment, addressOf) : segment));
}

function split(segment: Segment, addressOf: LineAddress): Segment[] {
  const parts: Segment[] = [];
  let end = 0;
  for (const match of segment.text.matchAll(PLACE)) {
    const [text, path = "", line] = match;
    if (match.index > end) parts.push({ ...segment, text: segment.text.slice(end, match.index) });
    parts.push({ ...segment, text, href: addressOf(path, Number(line)) });
    end = match.index + text.length;
  }
  if (end === 0) return [segment];
  if (end < segment.text.length) parts.push({ ...segment, text: segment.text.slice(end) });
  return parts;
}
