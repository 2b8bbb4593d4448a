import { expect, test } from 'vitest';
import { ceilingOf } from '../../../../src/system/limits/ceilings.ts';
import { shimmed } from '../../../../src/system/limits/shim.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            3600                 seconds
Max file size             unlimited            unlimited            bytes
Max open files            1024                 4096                 files
`;

test('the hard limit counts, in the unit of the config', () => {
  expect(ceilingOf('openFiles', LIMITS)).toBe(4096);
  expect(ceilingOf('cpuTimeMs', LIMITS)).toBe(3_600_000);
  expect(ceilingOf('fileSizeBytes', LIMITS)).toBeUndefined();
  expect(ceilingOf('openFiles', '')).toBeUndefined();
});

test('no word of a command and no name of a group becomes text of the shell', () => {
  const argv = ['$(x)', "'", ';'];
  const made = shimmed(argv, { groups: ['/a b/$(y)'], ceilings: { openFiles: 64, fileSizeBytes: 1000 } });
  expect(made).toEqual([
    '/bin/sh',
    '-c',
    '{ echo $$ >"$1" && ulimit -n 64 && ulimit -f 2 && shift 1; } || exit 126; exec "$@"',
    'gate-run',
    '/a b/$(y)',
    ...argv,
  ]);
});
