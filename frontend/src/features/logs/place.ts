/** Links to lines: `?step=build-1#L10-L20`. Numbers count within the step; without a step, over the whole log. */
import type { LogPlace } from "@/lib/log/messages";

export function parsePlace(hash: string, step: string | undefined): LogPlace | null {
  const match = /^#?L(\d+)(?:-L?(\d+))?$/.exec(hash);
  if (!match) return null;
  const first = Number(match[1]);
  const second = Number(match[2] ?? match[1]);
  return { step: step ?? "", from: Math.min(first, second), to: Math.max(first, second) };
}

/** Without `#`, as the router takes it. */
export function placeHash({ from, to }: LogPlace): string {
  return from === to ? `L${from}` : `L${from}-L${to}`;
}
