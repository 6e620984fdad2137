/** What the page and the log's worker say to each other. Types only; everything here can be cloned between threads. */
import type { Segment } from "@/lib/ansi/parse";
import type { KnownStep, LogStep } from "./markers";
import type { LogPart } from "./part";
import type { LogQuery } from "./query";

export interface LogFrame {
  readonly content: string;
  readonly newline: boolean;
  /** Unix ms, 0 if unknown. */
  readonly at: number;
  /** The step that wrote it, empty if unknown. */
  readonly step: string;
}

export interface StepView extends Readonly<LogStep> {
  readonly index: number;
  readonly lines: number;
  readonly folded: boolean;
  /** Whether its lines are in a part of the log that is not held. */
  readonly away: boolean;
}

/** A part of a log, and what is known of the whole. */
export interface HeldPart extends LogPart {
  readonly totalLines: number;
  readonly steps: readonly KnownStep[];
}

/** In rows of one text line. */
export interface LogHeight {
  readonly totalUnits: number;
  /** How much was taken away at the top since the log was opened. */
  readonly droppedUnits: number;
}

export interface RowView {
  /** Equal keys mean equal content. */
  readonly key: string;
  readonly step: number;
  /** Line over the whole log, -1 for a heading. */
  readonly line: number;
  /** Number within the step, from 1; 0 for a heading. */
  readonly number: number;
  readonly unit: number;
  readonly units: number;
  readonly segments: readonly Segment[];
  /** Bytes not shown because the line is too long. */
  readonly cut: number;
  readonly time: number;
}

export interface WindowView extends LogHeight {
  readonly rows: readonly RowView[];
  readonly steps: readonly StepView[];
}

export interface LogState extends LogHeight {
  /** The first line that is held, over the whole log from 0. */
  readonly first: number;
  /** The line after the last that is held. */
  readonly lines: number;
  /** The line after the part that is held or under way; null if that is the end of the log. */
  readonly until: number | null;
  /** How many lines the whole log has. */
  readonly total: number;
  readonly bytes: number;
  readonly steps: readonly StepView[];
}

/** A place in a log as people write it: the step's name (empty = none) and line numbers within it. */
export interface LogPlace {
  readonly step: string;
  readonly from: number;
  readonly to: number;
}

export type LogCommand =
  | { readonly kind: "append"; readonly bytes: ArrayBuffer }
  | { readonly kind: "begin"; readonly part: HeldPart }
  | { readonly kind: "frames"; readonly frames: readonly LogFrame[] }
  | { readonly kind: "over" }
  | { readonly kind: "steps"; readonly starts: readonly number[]; readonly known: number }
  | { readonly kind: "fold"; readonly step: number; readonly state: "folded" | "open" }
  | { readonly kind: "limit"; readonly bytes: number }
  | { readonly kind: "times"; readonly places: readonly TimePlace[] }
  | { readonly kind: "wrap"; readonly columns: number };

/** From this line (over the whole log, from 0) on, lines are as old as `at` (unix ms) says. */
export interface TimePlace {
  readonly line: number;
  readonly at: number;
}

/** Where something stands, in a log of which height: the page may not have heard of the growth yet. */
export interface LogSpot extends LogHeight {
  readonly unit: number;
}

/** Where errors and matches stand, as parts of the log's height from 0 on; those in the same place are one. */
export interface LogMarks {
  readonly errors: readonly number[];
  readonly matches: readonly number[];
}

export interface LogAnswers {
  marks: LogMarks;
  window: WindowView;
  unit: LogSpot;
  text: string;
  state: LogState;
  /** Line over the whole log, -1 if there is none (yet). */
  line: number;
}

export type LogQuestion =
  | { readonly ask: "window"; readonly from: number; readonly to: number }
  | { readonly ask: "unit"; readonly line: number; readonly step: number }
  | {
      readonly ask: "text";
      readonly from: number;
      readonly to: number;
      readonly colours?: "kept" | "dropped";
    }
  | { readonly ask: "state" }
  | { readonly ask: "marks"; readonly errors: readonly number[]; readonly parts: number }
  | { readonly ask: "line"; readonly step: string; readonly number: number };

/** What is answered carries an id, which its answers repeat: of several searches only the latest counts. */
export type ToWorker =
  | LogCommand
  | { readonly kind: "search"; readonly id: number; readonly query: LogQuery | null }
  | { readonly kind: "ask"; readonly id: number; readonly question: LogQuestion };

export type FromWorker =
  | { readonly kind: "answer"; readonly id: number; readonly value: LogAnswers[keyof LogAnswers] }
  | { readonly kind: "state"; readonly state: LogState }
  | {
      readonly kind: "matches";
      readonly id: number;
      readonly lines: Uint32Array;
      readonly progress: "more" | "done";
    }
  | { readonly kind: "bad-pattern"; readonly id: number; readonly message: string };
