/**
 * The bytes of a log in blocks of one mebibyte, so that appending never copies what is there already. Knows nothing
 * of lines. Offsets fit 32 bits: callers drop what is more than `MAX_LOG_BYTES`.
 */

const BLOCK_SIZE = 1 << 20;
const BLOCK_SHIFT = 20;
const BLOCK_MASK = BLOCK_SIZE - 1;

/** Of a larger log a part is held at a time. */
export const MAX_LOG_BYTES = 768 * 1024 * 1024;

export class ByteBlocks {
  private readonly blocks: Uint8Array[] = [];
  length = 0;

  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const at = this.length & BLOCK_MASK;
      if (at === 0) this.blocks.push(new Uint8Array(BLOCK_SIZE));
      const block = this.blocks[this.length >> BLOCK_SHIFT];
      const taken = Math.min(BLOCK_SIZE - at, bytes.length - from);
      block?.set(bytes.subarray(from, from + taken), at);
      from += taken;
      this.length += taken;
    }
  }

  /** Drops blocks from the front, `bytes` at most; answers how many bytes went. Offsets count from what is left. */
  drop(bytes: number): number {
    const blocks = Math.min(bytes, this.length) >> BLOCK_SHIFT;
    this.blocks.splice(0, blocks);
    this.length -= blocks * BLOCK_SIZE;
    return blocks * BLOCK_SIZE;
  }

  at(offset: number): number {
    return this.blocks[offset >> BLOCK_SHIFT]?.[offset & BLOCK_MASK] ?? 0;
  }

  /** A view where the range lies in one block, else a copy. Do not write to it. */
  slice(from: number, to: number): Uint8Array {
    const first = from >> BLOCK_SHIFT;
    if (to <= from) return new Uint8Array(0);
    if (first === (to - 1) >> BLOCK_SHIFT) {
      return (
        this.blocks[first]?.subarray(from & BLOCK_MASK, from + (to - from) - first * BLOCK_SIZE) ??
        new Uint8Array(0)
      );
    }
    const copy = new Uint8Array(to - from);
    let done = from;
    while (done < to) {
      const block = this.blocks[done >> BLOCK_SHIFT];
      const start = done & BLOCK_MASK;
      const taken = Math.min(BLOCK_SIZE - start, to - done);
      if (block) copy.set(block.subarray(start, start + taken), done - from);
      done += taken;
    }
    return copy;
  }
}
