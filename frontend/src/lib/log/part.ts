/**
 * Which stretch of a log is held that is too large for the page: chosen by the places whose line and byte the server knows,
 * so that it begins with a line and its lines have their numbers. Pure arithmetic; it must not fetch.
 */
import type { BuildLogIndex } from "@/api/types";
import type { KnownStep } from "./markers";
import type { HeldPart, LogPlace } from "./messages";

export interface PartPlace {
  /** Over the whole log, from 0. */
  readonly line: number;
  /** Where the line begins in the whole text. */
  readonly byte: number;
}

export interface LogPart {
  readonly from: PartPlace;
  /** The place after it; null if it ends with the log, also while the log grows. */
  readonly to: PartPlace | null;
}

/** The end of the log, or the part with a line: `before` is how much of the part comes before it, from 0 to 1. */
export type WantedPart = "end" | { readonly line: number; readonly before: number };

/** With what the server knows of the whole log. */
export function heldPart(outline: BuildLogIndex, wanted: WantedPart, bytes: number): HeldPart {
  return { ...partOf(outline, wanted, bytes), steps: knownSteps(outline), totalLines: outline.lines };
}

/** What a place in the page's address asks for; without one the end. */
export function wantedAt(place: LogPlace | null, { steps }: BuildLogIndex): WantedPart {
  if (place === null) return "end";
  const step = place.step === "" ? steps[0] : steps.find(({ name }) => name === place.step);
  return step ? { line: step.first_line + place.from - 2, before: 0.5 } : "end";
}

export function partOf(outline: BuildLogIndex, wanted: WantedPart, bytes: number): LogPart {
  const places = placesOf(outline);
  if (wanted === "end") return endOf(outline, places, bytes);
  const at = lastWhere(places, (place) => place.line <= wanted.line);
  const early = lastWhere(places, (place) => place.byte <= Math.max(0, at.byte - wanted.before * bytes));
  const from = at.byte - early.byte > bytes ? at : early;
  if (from.byte + bytes >= outline.bytes) return endOf(outline, places, bytes, at);
  const isBehind = (place: PartPlace) => place.line > wanted.line;
  const fitting = places.findLast((place) => isBehind(place) && place.byte <= from.byte + bytes);
  return { from, to: fitting ?? places.find(isBehind) ?? null };
}

/** `with`: a place that must be within. */
function endOf(
  outline: BuildLogIndex,
  places: readonly PartPlace[],
  bytes: number,
  within = places.at(-1),
): LogPart {
  const most = Math.min(outline.bytes - bytes, within?.byte ?? 0);
  const from = places.find((place) => place.byte >= most) ?? START;
  return { from, to: null };
}

const START: PartPlace = { line: 0, byte: 0 };

function placesOf({ places }: BuildLogIndex): readonly PartPlace[] {
  return [START, ...places.map(({ line, byte }) => ({ line: line - 1, byte }))];
}

function lastWhere(places: readonly PartPlace[], test: (place: PartPlace) => boolean): PartPlace {
  return places.findLast(test) ?? START;
}

function knownSteps({ steps }: BuildLogIndex): KnownStep[] {
  return steps.map((step, index) => ({
    name: step.name,
    command: "",
    firstLine: step.first_line - 1,
    status: index === 0 ? "succeeded" : (step.status ?? "running"),
    exitCode: step.exit_code ?? null,
    startedAt: step.started_at ?? 0,
    endedAt: step.ended_at ?? 0,
    byte: step.first_byte,
  }));
}
