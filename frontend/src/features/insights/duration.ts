/** A figure of time in words, or that there is none. */
import { formatDuration } from "@/lib/format";
import { insights } from "@/messages/en/insights";

export const durationText = (ms: number | null | undefined): string =>
  typeof ms === "number" ? formatDuration(ms) : insights.total.none;
