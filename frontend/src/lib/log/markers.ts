/**
 * Step markers: the lines by which a runner tells where steps begin and end. Reads them and keeps the list of steps.
 * A step's own output can print anything, so a marker counts only where it can be true: a start while no step is open,
 * and where the runner is known to have begun one; an end only for the step that is open. Everything else is an ordinary
 * line. The server counts lines by the same rules.
 */

/** Most steps of a log, and characters of a name. */
const MAX_STEPS = 512;
const MAX_NAME_CHARS = 128;

const ENDS = ["succeeded", "failed", "skipped"] as const;
type StepEnd = (typeof ENDS)[number];

export interface LogStep {
  /** Empty for what comes before the first step. */
  readonly name: string;
  /** Empty if unknown: only the step's marker has it. */
  command: string;
  /** Number of the line (over the whole log, from 0) that the step's output begins with. */
  readonly firstLine: number;
  status: "running" | StepEnd;
  exitCode: number | null;
  /** Unix ms, 0 where the log came without times. */
  readonly startedAt: number;
  endedAt: number;
}

export const MARKER_PREFIX = "[oore-step] ";
export const MARKER_PREFIX_BYTES = new TextEncoder().encode(MARKER_PREFIX);

interface Marker {
  event: "start" | "end";
  name: string;
  command: string;
  status: string;
  exitCode: number | null;
}

export function parseMarker(line: string): Marker | null {
  if (!line.startsWith(MARKER_PREFIX)) return null;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(MARKER_PREFIX.length));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  if ((fields.event !== "start" && fields.event !== "end") || typeof fields.name !== "string") return null;
  if ([...fields.name].length > MAX_NAME_CHARS) return null;
  return {
    event: fields.event,
    name: fields.name,
    command: typeof fields.command === "string" ? fields.command : "",
    status: typeof fields.status === "string" ? fields.status : "",
    exitCode: typeof fields.exit_code === "number" ? fields.exit_code : null,
  };
}

/** Where in a log a line stands that may be a marker. */
export interface MarkerPlace {
  readonly line: number;
  /** Of the whole text. */
  readonly byte: number;
  /** Unix ms, 0 if unknown. */
  readonly at: number;
  /** Whether a step can begin there. */
  readonly start: "may-begin" | "within";
}

/** A step that the server knows, with where its text begins in the whole log. */
export type KnownStep = Readonly<LogStep> & { readonly byte: number };

export class StepList {
  steps: LogStep[] = [
    { name: "", command: "", firstLine: 0, status: "succeeded", exitCode: null, startedAt: 0, endedAt: 0 },
  ];
  /** The step that has begun and not ended, as far as the text is read. */
  private open: LogStep | null = null;
  /** Where steps begin that were known before their text. */
  private readonly known = new Map<number, LogStep>();

  get last(): string {
    return this.steps.at(-1)?.name ?? "";
  }

  /** Takes the steps of the whole log over from the server. What is read begins at `byte`, within one of them. */
  know(steps: readonly KnownStep[], byte: number): void {
    this.steps = steps.map(({ byte: _, ...step }) => ({ ...step }));
    steps.forEach((known, index) => {
      const step = this.steps[index];
      if (index === 0 || !step) return;
      this.known.set(known.byte, step);
      if (known.byte < byte) this.open = step;
    });
  }

  /** Whether the line was a marker (and is therefore not shown). */
  take(line: string, place: MarkerPlace): boolean {
    const marker = parseMarker(line);
    if (marker === null) return false;
    if (marker.event === "end") return this.end(marker, place.at);
    const known = this.known.get(place.byte);
    if (known === undefined) return this.begin(marker, place);
    known.command = marker.command;
    this.open = known;
    return true;
  }

  private begin(marker: Marker, { line, at, start }: MarkerPlace): boolean {
    if (this.open?.status === "running" || start === "within" || this.steps.length > MAX_STEPS) return false;
    this.open = {
      name: marker.name,
      command: marker.command,
      firstLine: line,
      status: "running",
      exitCode: null,
      startedAt: at,
      endedAt: 0,
    };
    this.steps.push(this.open);
    return true;
  }

  private end(marker: Marker, at: number): boolean {
    const { open } = this;
    if (open === null || marker.name !== open.name) return false;
    open.status = ENDS.find((known) => known === marker.status) ?? "failed";
    open.exitCode = marker.exitCode;
    open.endedAt = at || open.endedAt;
    this.open = null;
    return true;
  }

  indexOfLine(line: number): number {
    let low = 0;
    let high = this.steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.steps[middle]?.firstLine ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
