/** Arithmetic of the codewords that let a damaged QR code be read (Reed-Solomon over GF(256)). It must not know how codes are laid out. */

const SIZE = 255;
const POLYNOMIAL = 0x11d;

const powers = new Uint8Array(2 * SIZE);
const logs = new Uint8Array(SIZE + 1);
for (let exponent = 0, value = 1; exponent < SIZE; exponent += 1) {
  powers[exponent] = value;
  powers[exponent + SIZE] = value;
  logs[value] = exponent;
  value = value < 128 ? value * 2 : (value * 2) ^ POLYNOMIAL;
}

const at = (list: Uint8Array, index: number): number => list[index] ?? 0;

function times(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : at(powers, at(logs, one) + at(logs, other));
}

/** The product of (x - 2^n) for n below `count`, without its leading one; the highest power first. */
function generator(count: number): Uint8Array {
  let found = Uint8Array.of(1);
  for (let root = 0; root < count; root += 1) {
    const next = new Uint8Array(found.length + 1);
    found.forEach((factor, index) => {
      next[index] = at(next, index) ^ factor;
      next[index + 1] = at(next, index + 1) ^ times(factor, at(powers, root));
    });
    found = next;
  }
  return found.slice(1);
}

/** The `count` codewords that go with `data`: the remainder of its division by the generator. */
export function correctionOf(data: Uint8Array, count: number): Uint8Array {
  const divisor = generator(count);
  const rest = new Uint8Array(count);
  for (const byte of data) {
    const factor = byte ^ at(rest, 0);
    rest.copyWithin(0, 1);
    rest[count - 1] = 0;
    divisor.forEach((coefficient, index) => {
      rest[index] = at(rest, index) ^ times(coefficient, factor);
    });
  }
  return rest;
}
