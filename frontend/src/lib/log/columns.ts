/** Growable typed columns: one number a log line. Must not know what the numbers mean. */

const FIRST_CAPACITY = 1024;

export class NumberColumn {
  private values = new Uint32Array(FIRST_CAPACITY);

  get(index: number): number {
    return this.values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.values.length) this.grow(index + 1);
    this.values[index] = value;
  }

  private grow(atLeast: number): void {
    const larger = new Uint32Array(Math.max(atLeast, this.values.length * 2));
    larger.set(this.values);
    this.values = larger;
  }
}
