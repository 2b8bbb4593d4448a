import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, manifestText, parseManifest } from '../../../src/core/manifest.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('a manifest', () => {
  test('is what sha256sum writes, with what would break a line escaped', () => {
    const text = manifestText([
      { path: 'a b.txt', sum: A },
      { path: 'odd\nname\\x\r', sum: B },
    ]);
    expect(text).toBe(`${A}  a b.txt\n\\${B}  odd\\nname\\\\x\\r\n`);
  });

  test('whatever the names are, it reads back as what was written', () => {
    const name = fc.string({ minLength: 1 }).filter((path) => !/[\u2028\u2029]/.test(path));
    fc.assert(
      fc.property(fc.uniqueArray(name), (paths) => {
        const files = paths.map((path) => ({ path, sum: A }));
        expect(parseManifest(manifestText(files))).toEqual(files);
      }),
    );
  });

  test('the binary mark of sha256sum is read, and a line that is none is named', () => {
    expect(parseManifest(`${A} *a.bin\n`)).toEqual([{ path: 'a.bin', sum: A }]);
    expect(parseManifest(`${A}  a\nb0rken\n`)).toEqual({ badLine: 2 });
    expect(parseManifest(`${A}  \n`)).toEqual({ badLine: 1 });
    expect(parseManifest(`${A.slice(1)}  a\n`)).toEqual({ badLine: 1 });
    expect(parseManifest('')).toEqual([]);
  });
});

describe('compared with the disk', () => {
  const kept = [
    { path: 'same', sum: A },
    { path: 'other', sum: A },
    { path: 'gone', sum: A },
  ];
  const sums: Readonly<Record<string, string>> = { same: A, other: B };

  test('what changed, what is missing and what is new are told apart', () => {
    expect(compare(kept, (path) => sums[path], ['same', 'other', 'ne\u001bw'])).toEqual({
      holds: false,
      lines: ['changed: other', 'missing: gone', 'unlisted: ne\ufffdw', '1 of 3 as listed'],
    });
  });

  test('it holds when every file is as listed and none is new', () => {
    expect(compare(kept.slice(0, 1), (path) => sums[path], ['same'])).toEqual({
      holds: true,
      lines: ['1 of 1 as listed'],
    });
  });
});
