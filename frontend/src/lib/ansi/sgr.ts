/**
 * The state that SGR sequences (colours and text attributes of a terminal) leave behind, packed in one number
 * so that a log can keep it for every line. Knows nothing of text, lines or class names.
 */

/** 0 = plain. Bits 0–8: foreground + 1, bits 9–17: background + 1 (0 = default, colours 0–255), bits 18+: attributes. */
export type SgrState = number;

export const PLAIN: SgrState = 0;

export const Attr = {
  bold: 1 << 18,
  dim: 1 << 19,
  italic: 1 << 20,
  underline: 1 << 21,
  inverse: 1 << 22,
  strike: 1 << 23,
} as const;

const COLOUR_MASK = 0x1ff;

export const foreground = (state: SgrState): number => (state & COLOUR_MASK) - 1;
export const background = (state: SgrState): number => ((state >> 9) & COLOUR_MASK) - 1;

const withForeground = (state: SgrState, colour: number): SgrState => (state & ~COLOUR_MASK) | (colour + 1);
const withBackground = (state: SgrState, colour: number): SgrState =>
  (state & ~(COLOUR_MASK << 9)) | ((colour + 1) << 9);

const SET: Readonly<Record<number, number>> = {
  1: Attr.bold,
  2: Attr.dim,
  3: Attr.italic,
  4: Attr.underline,
  7: Attr.inverse,
  9: Attr.strike,
  21: Attr.underline,
};
const CLEAR: Readonly<Record<number, number>> = {
  22: Attr.bold | Attr.dim,
  23: Attr.italic,
  24: Attr.underline,
  27: Attr.inverse,
  29: Attr.strike,
};

const CUBE_LEVELS = [0, 95, 135, 175, 215, 255] as const;

function nearestLevel(value: number): number {
  let best = 0;
  for (let i = 1; i < CUBE_LEVELS.length; i++) {
    if (Math.abs((CUBE_LEVELS[i] ?? 0) - value) < Math.abs((CUBE_LEVELS[best] ?? 0) - value)) best = i;
  }
  return best;
}

/** The colour of the 256 that is nearest to a true colour: of the 6×6×6 cube or of the 24 greys. */
export function nearestOf256(red: number, green: number, blue: number): number {
  const [r, g, b] = [nearestLevel(red), nearestLevel(green), nearestLevel(blue)];
  const cubeError =
    ((CUBE_LEVELS[r] ?? 0) - red) ** 2 +
    ((CUBE_LEVELS[g] ?? 0) - green) ** 2 +
    ((CUBE_LEVELS[b] ?? 0) - blue) ** 2;
  const step = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const grey = 8 + step * 10;
  const greyError = (grey - red) ** 2 + (grey - green) ** 2 + (grey - blue) ** 2;
  return greyError < cubeError ? 232 + step : 16 + 36 * r + 6 * g + b;
}

const byte = (value: number | undefined): number => Math.max(0, Math.min(255, value ?? 0));

/** Reads `5;n` or `2;r;g;b` from `at` on; answers the colour (-1 = unreadable) and how many numbers it took. */
function extendedColour(numbers: readonly number[], at: number): [colour: number, taken: number] {
  if (numbers[at] === 5) return [byte(numbers[at + 1]), 2];
  if (numbers[at] === 2) {
    return [nearestOf256(byte(numbers[at + 1]), byte(numbers[at + 2]), byte(numbers[at + 3])), 4];
  }
  return [-1, numbers.length];
}

/** `38:5:n`, `38:2:r:g:b` and `38:2:<space>:r:g:b`: the colon form is one parameter of its own. */
function colonColour(parts: readonly number[]): number {
  const values = parts[1] === 2 && parts.length >= 6 ? [2, ...parts.slice(3)] : parts.slice(1);
  return extendedColour(values, 0)[0];
}

function applyColon(state: SgrState, parts: readonly number[]): SgrState {
  if (parts[0] === 4) return parts[1] === 0 ? state & ~Attr.underline : state | Attr.underline;
  const colour = colonColour(parts);
  if (colour < 0) return state;
  if (parts[0] === 38) return withForeground(state, colour);
  return parts[0] === 48 ? withBackground(state, colour) : state;
}

function applySimple(state: SgrState, code: number): SgrState {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return withForeground(state, code - 30);
  if (code === 39) return withForeground(state, -1);
  if (code >= 40 && code <= 47) return withBackground(state, code - 40);
  if (code === 49) return withBackground(state, -1);
  if (code >= 90 && code <= 97) return withForeground(state, code - 82);
  if (code >= 100 && code <= 107) return withBackground(state, code - 92);
  return (state | (SET[code] ?? 0)) & ~(CLEAR[code] ?? 0);
}

/** What the parameters between `ESC [` and `m` make of a state. Unknown codes change nothing. */
export function applySgr(state: SgrState, parameters: string): SgrState {
  if (parameters === "") return PLAIN;
  const fields = parameters.split(";");
  const numbers = fields.map((field) => Number.parseInt(field, 10) || 0);
  let next = state;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? "";
    const code = numbers[i] ?? 0;
    if (field.includes(":")) {
      next = applyColon(
        next,
        field.split(":").map((part) => Number.parseInt(part, 10) || 0),
      );
    } else if (code === 38 || code === 48 || code === 58) {
      const [colour, taken] = extendedColour(numbers, i + 1);
      if (colour >= 0 && code === 38) next = withForeground(next, colour);
      if (colour >= 0 && code === 48) next = withBackground(next, colour);
      i += taken;
    } else {
      next = applySimple(next, code);
    }
  }
  return next;
}
