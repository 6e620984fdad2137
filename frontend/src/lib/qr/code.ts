/** Lays a text out as a QR code: rows of dark and light modules, without the quiet zone. It must not draw. */
import { bitsOf, codewordsOf } from "./codewords";

/** Level M, as the format says it. */
const LEVEL = 0b00;

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Throws a RangeError if the text is too long. */
export function qrCode(text: string): boolean[][] {
  const { version, bytes } = codewordsOf(text);
  const candidates = MASKS.map((_, mask) => {
    const grid = new Grid(version);
    grid.fill(bytes, mask);
    return grid.rows;
  });
  return candidates.reduce((best, rows) => (penalty(rows) < penalty(best) ? rows : best));
}

class Grid {
  readonly rows: boolean[][];
  /** What patterns take, and data does not. */
  readonly #taken: boolean[][];
  readonly #size: number;

  constructor(version: number) {
    this.#size = version * 4 + 17;
    this.rows = empty(this.#size);
    this.#taken = empty(this.#size);
    this.#timing();
    for (const [x, y] of [
      [3, 3],
      [this.#size - 4, 3],
      [3, this.#size - 4],
    ] as const)
      this.#finder(x, y);
    this.#alignments(version);
    if (version >= 7) this.#version(version);
    this.#format(0);
  }

  /** Up and down in columns of two, from the right, leaving out the column of the timing. */
  fill(bytes: Uint8Array, mask: number): void {
    const isMasked = MASKS[mask] ?? (() => false);
    let bit = 0;
    for (let right = this.#size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const isUpward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.#size; step += 1) {
        const y = isUpward ? this.#size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.#taken[y]?.[x]) continue;
          const isDark = (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
          bit += 1;
          this.#put(x, y, isDark !== isMasked(x, y));
        }
      }
    }
    this.#format(mask);
  }

  #put(x: number, y: number, isDark: boolean): void {
    const row = this.rows[y];
    if (row) row[x] = isDark;
  }

  #pattern(x: number, y: number, isDark: boolean): void {
    if (x < 0 || y < 0 || x >= this.#size || y >= this.#size) return;
    this.#put(x, y, isDark);
    const row = this.#taken[y];
    if (row) row[x] = true;
  }

  #timing(): void {
    for (let index = 0; index < this.#size; index += 1) {
      this.#pattern(6, index, index % 2 === 0);
      this.#pattern(index, 6, index % 2 === 0);
    }
  }

  #finder(centreX: number, centreY: number): void {
    for (let y = -4; y <= 4; y += 1) {
      for (let x = -4; x <= 4; x += 1) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        this.#pattern(centreX + x, centreY + y, ring !== 2 && ring !== 4);
      }
    }
  }

  #alignments(version: number): void {
    const centres = centresOf(version, this.#size);
    const last = centres.length - 1;
    centres.forEach((centreY, row) => {
      centres.forEach((centreX, column) => {
        const isFinder = (row === 0 && (column === 0 || column === last)) || (row === last && column === 0);
        if (isFinder) return;
        for (let y = -2; y <= 2; y += 1) {
          for (let x = -2; x <= 2; x += 1)
            this.#pattern(centreX + x, centreY + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
        }
      });
    });
  }

  /** Level and mask, twice, with ten bits that protect them. */
  #format(mask: number): void {
    const data = (LEVEL << 3) | mask;
    const bits = bitsOf(((data << 10) | remainder(data, 0x537, 10)) ^ 0x5412, 15);
    const end = this.#size - 1;
    bits.forEach((bit, index) => {
      const isDark = bit === 1;
      if (index < 8) this.#pattern(pastTiming(index), 8, isDark);
      else this.#pattern(8, pastTiming(14 - index), isDark);
      if (index < 7) this.#pattern(8, end - index, isDark);
      else this.#pattern(end - 14 + index, 8, isDark);
    });
    this.#pattern(8, end - 7, true);
  }

  #version(version: number): void {
    const bits = bitsOf((version << 12) | remainder(version, 0x1f25, 12), 18).reverse();
    bits.forEach((bit, index) => {
      const far = this.#size - 11 + (index % 3);
      const near = Math.floor(index / 3);
      this.#pattern(far, near, bit === 1);
      this.#pattern(near, far, bit === 1);
    });
  }
}

const pastTiming = (place: number): number => (place < 6 ? place : place + 1);

function empty(size: number): boolean[][] {
  return Array.from({ length: size }, () => Array.from({ length: size }, () => false));
}

/** In the same places in both directions: the first at 6, the others in even steps from the far end. */
function centresOf(version: number, size: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((size - 13) / (count * 2 - 2)) * 2;
  const rest = Array.from({ length: count - 1 }, (_, index) => size - 7 - (count - 2 - index) * step);
  return [6, ...rest];
}

function remainder(value: number, divisor: number, bits: number): number {
  let rest = value;
  for (let index = 0; index < bits; index += 1) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return rest;
}

/** How hard a code is to read: long runs, blocks, what looks like a finder, and too much of one colour. */
function penalty(rows: readonly boolean[][]): number {
  const across = rows.map((row) => row.map((isDark) => (isDark ? "1" : "0")).join(""));
  const down = across.map((_, x) => across.map((row) => row[x]).join(""));
  const lines = [...across, ...down];
  const runs = lines
    .flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? [])
    .reduce((sum, run) => sum + run.length - 2, 0);
  const finders = lines.flatMap((line) => line.match(/(?=10111010000)|(?=00001011101)/g) ?? []).length;
  const blocks = across.reduce((sum, row, y) => sum + blocksOf(row, across[y + 1] ?? ""), 0);
  const dark = across.join("").replaceAll("0", "").length / rows.length ** 2;
  return runs + finders * 40 + blocks * 3 + Math.floor(Math.abs(dark * 20 - 10)) * 10;
}

function blocksOf(row: string, next: string): number {
  let count = 0;
  for (let x = 1; x < next.length; x += 1) {
    if (row[x] === row[x - 1] && row[x] === next[x] && row[x] === next[x - 1]) count += 1;
  }
  return count;
}
