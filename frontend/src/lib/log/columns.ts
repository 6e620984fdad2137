/** Growable typed columns: one number a log line. Must not know what the numbers mean. */

const FIRST_CAPACITY = 1024;

export class NumberColumn {
  private values = new Uint32Array(FIRST_CAPACITY);

  /** `base`: the first index that it holds a number for. */
  constructor(private base = 0) {}

  get(index: number): number {
    return this.values[index - this.base] ?? 0;
  }

  set(index: number, value: number): void {
    const at = index - this.base;
    if (at >= this.values.length) this.grow(at + 1);
    this.values[at] = value;
  }

  /** Forgets what is before `base`, and takes `less` off what it keeps. */
  drop(base: number, less = 0): void {
    const gone = Math.min(this.values.length, base - this.base);
    this.values.copyWithin(0, gone);
    this.values.fill(0, this.values.length - gone);
    this.base = base;
    if (less === 0) return;
    for (let at = 0; at < this.values.length; at++) {
      this.values[at] = Math.max(0, (this.values[at] ?? 0) - less);
    }
  }

  private grow(atLeast: number): void {
    const larger = new Uint32Array(Math.max(atLeast, this.values.length * 2));
    larger.set(this.values);
    this.values = larger;
  }
}
