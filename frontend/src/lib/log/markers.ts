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
  readonly command: string;
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

export class StepList {
  readonly steps: LogStep[] = [
    { name: "", command: "", firstLine: 0, status: "succeeded", exitCode: null, startedAt: 0, endedAt: 0 },
  ];

  get last(): string {
    return this.steps.at(-1)?.name ?? "";
  }

  /** Whether the line was a marker (and is therefore not shown). `place`: whether a step can begin there. */
  take(line: string, atLine: number, at: number, place: "may-begin" | "within"): boolean {
    const marker = parseMarker(line);
    const open = this.steps[this.steps.length - 1];
    if (marker === null || open === undefined) return false;
    const isOpen = open.status === "running";
    if (marker.event === "start" && !isOpen && place === "may-begin" && this.steps.length <= MAX_STEPS) {
      this.steps.push({
        name: marker.name,
        command: marker.command,
        firstLine: atLine,
        status: "running",
        exitCode: null,
        startedAt: at,
        endedAt: 0,
      });
      return true;
    }
    if (marker.event === "end" && isOpen && marker.name === open.name) {
      open.status = ENDS.find((known) => known === marker.status) ?? "failed";
      open.exitCode = marker.exitCode;
      open.endedAt = at;
      return true;
    }
    return false;
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
