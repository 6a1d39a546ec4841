/**
 * SHA-256 of bytes that arrive in pieces (FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4): `crypto.subtle` digests
 * only what is in memory as a whole, and is missing in pages that were not loaded over HTTPS.
 */
export function sha256(): { add(bytes: Uint8Array): void; hex(): string } {
  const state = Int32Array.from(roots.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const block = new Uint8Array(64);
  let filled = 0;
  let length = 0;

  function add(bytes: Uint8Array): void {
    length += bytes.length;
    let place = 0;
    if (filled > 0) {
      place = Math.min(64 - filled, bytes.length);
      block.set(bytes.subarray(0, place), filled);
      filled += place;
      if (filled < 64) return;
      compress(state, block, 0);
    }
    for (; place + 64 <= bytes.length; place += 64) compress(state, bytes, place);
    filled = bytes.length - place;
    block.set(bytes.subarray(place));
  }

  return {
    add,
    hex() {
      // A one, zeros, and the length in bits as 64 bits fill up the last block.
      const end = new DataView(new ArrayBuffer(((119 - filled) & 63) + 9));
      end.setUint8(0, 0x80);
      end.setBigUint64(end.byteLength - 8, BigInt(length * 8));
      add(new Uint8Array(end.buffer));
      return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    },
  };
}

/** The first 64 primes: the constants are the first 32 bits of the fractions of their roots (sections 4.2.2 and 5.3.3). */
const roots: number[] = [];
for (let candidate = 2; roots.length < 64; candidate++) {
  if (roots.every((prime) => candidate % prime !== 0)) roots.push(candidate);
}
const fraction = (value: number) => ((value % 1) * 2 ** 32) | 0;
const constants = Int32Array.from(roots, (prime) => fraction(Math.cbrt(prime)));
const schedule = new Int32Array(64);

/** `word` turned to the right by `bits`; of a shift's distance only the last five bits count. */
const turn = (word: number, bits: number) => (word >>> bits) | (word << -bits);

/** Section 6.2.2, for the 64 bytes at `start`. */
function compress(state: Int32Array, bytes: Uint8Array, start: number): void {
  const w = schedule;
  for (let t = 0, at = start; t < 16; t++, at += 4) {
    w[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[t] = (w[t - 16] as number) + s0 + (w[t - 7] as number) + s1;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (constants[t] as number) + (w[t] as number)) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  // Destructuring and a loop here would take as long as all the rest.
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}
