/**
 * The bits of a QR code before they are laid out: bytes of a text in the smallest version that holds them, with the codewords
 * that mend up to 15 % of damage (level M). ISO/IEC 18004 has the tables. It must not know how codes are drawn.
 */
import { correctionOf } from "./field";

/** By version, from 1 on: correction codewords of a block, and how many blocks there are. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

const BYTE_MODE = 0b0100;
const PADDING = [0xec, 0x11];

export type Codewords = { version: number; bytes: Uint8Array };

/** Throws a RangeError if the text is longer than 666 bytes or so. */
export function codewordsOf(text: string): Codewords {
  const content = new TextEncoder().encode(text);
  const version = CORRECTION.findIndex((_, index) => content.length <= room(index + 1)) + 1;
  if (version === 0) throw new RangeError("the text is too long for a QR code");
  return { version, bytes: interleaved(padded(content, version), version) };
}

/** Bytes of text that a version holds: mode and length take 12 bits, 20 from version 10 on. */
const room = (version: number): number => dataBytes(version) - (version < 10 ? 2 : 3);

function dataBytes(version: number): number {
  return Math.floor(modules(version) / 8) - of(CORRECTION, version) * of(BLOCKS, version);
}

const of = (table: readonly number[], version: number): number => table[version - 1] ?? 0;

/** Modules that are not taken by patterns. */
function modules(version: number): number {
  const size = version * 4 + 17;
  const finders = 3 * 64;
  const timing = 2 * (size - 16);
  const format = 31;
  const marks = version === 1 ? 0 : Math.floor(version / 7) + 2;
  // Three corners have a finder instead; those on a timing line share five modules with it.
  const alignment = marks === 0 ? 0 : (marks * marks - 3) * 25 - 2 * (marks - 2) * 5;
  const versions = version < 7 ? 0 : 36;
  return size * size - finders - timing - format - alignment - versions;
}

function padded(content: Uint8Array, version: number): Uint8Array {
  const bits = [...bitsOf(BYTE_MODE, 4), ...bitsOf(content.length, version < 10 ? 8 : 16)];
  for (const byte of content) bits.push(...bitsOf(byte, 8));
  const size = dataBytes(version);
  bits.push(...bitsOf(0, Math.min(4, size * 8 - bits.length)));
  bits.push(...bitsOf(0, -bits.length & 7));
  const bytes = new Uint8Array(size);
  bits.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (7 - (index & 7)));
  });
  for (let index = bits.length / 8, pad = 0; index < size; index += 1, pad = 1 - pad)
    bytes[index] = PADDING[pad] ?? 0;
  return bytes;
}

export function bitsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (value >> (count - 1 - index)) & 1);
}

/** The data goes into blocks, the longer ones last; what is read first is the first byte of each block. */
function interleaved(data: Uint8Array, version: number): Uint8Array {
  const count = of(BLOCKS, version);
  const short = Math.floor(data.length / count);
  const longs = data.length % count;
  const blocks = Array.from({ length: count }, (_, index) => {
    const extra = Math.max(0, index - (count - longs));
    const begin = index * short + extra;
    return data.subarray(begin, begin + short + (index >= count - longs ? 1 : 0));
  });
  const corrections = blocks.map((block) => correctionOf(block, of(CORRECTION, version)));
  return Uint8Array.from([...columns(blocks, short + 1), ...columns(corrections, of(CORRECTION, version))]);
}

function columns(rows: readonly Uint8Array[], length: number): number[] {
  return Array.from({ length }, (_, index) => rows.flatMap((row) => row[index] ?? [])).flat();
}
