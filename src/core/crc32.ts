// The checksum of ledger lines and plans (CRC-32, the one of gzip). It finds damage and change, it does not resist anybody.

const POLYNOMIAL = 0xedb88320;
const TABLE: Uint32Array = makeTable();
const UTF8 = new TextEncoder();

/** `seed` is the checksum of the bytes before these, so that a text can be summed in parts. */
export function crc32(bytes: Uint8Array, seed: number = 0): number {
  let sum = ~seed;
  // An index loop: this runs over every byte that reaches the ledger.
  for (let at = 0; at < bytes.length; at += 1) {
    sum = (sum >>> 8) ^ (TABLE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~sum >>> 0;
}

export function crc32Text(text: string, seed: number = 0): number {
  return crc32(UTF8.encode(text), seed);
}

/** From the powers of two upward: 255 steps instead of 2,048, which would wake the compiler at every start. */
function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  let sum = 1;
  for (let step = 128; step > 0; step >>= 1) {
    sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
    for (let at = 0; at < table.length; at += 2 * step) table[at + step] = sum ^ (table[at] ?? 0);
  }
  return table;
}
