import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crc32Text } from '../../src/core/crc32.ts';

test('the checksum is the one that gzip uses, in one piece or in two', () => {
  expect(crc32Text('123456789')).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      expect(crc32(first)).toBe(reference(first));
      expect(crc32(second, crc32(first))).toBe(reference(second, reference(first)));
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => crc32Text(text) === reference(text)));
});
