import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const STAY_SMALL = fileURLToPath(new URL('../../../src/system/stay-small.ts', import.meta.url));
const CALLS = 300_000;
const SCRIPT = `
import { staySmall } from ${JSON.stringify(STAY_SMALL)};
staySmall(process.argv[1] === 'lasts');
function called(one) { return one % 7 === 3 ? one + 1 : one - 1; }
function looping(bytes) { let sum = 0; for (const byte of bytes) sum = (sum + byte * 31) % 65521; return sum; }
const bytes = new Uint8Array(1_000_000).fill(3);
for (let i = 0; i < ${CALLS}; i += 1) called(i);
for (let i = 0; i < 8; i += 1) { looping(bytes); await new Promise((resolve) => setImmediate(resolve)); }
`;

function compiledFunctions(run: 'lasts' | 'many'): readonly string[] {
  const flags = ['--trace-opt', '--no-warnings', '--input-type=module', '--eval', SCRIPT, run];
  const { stdout, status } = spawnSync(process.execPath, flags, { encoding: 'utf8', timeout: 60_000 });
  expect(status).toBe(0);
  const names = [...stdout.matchAll(/^\[completed compiling \S+ <JSFunction (called|looping)\b/gm)];
  return [...new Set(names.map(([, name = '']) => name))].toSorted();
}

test('in a run of many cycles what each cycle calls is not compiled one after another, and a long loop is', () => {
  expect(compiledFunctions('lasts')).toEqual(['looping']);
  expect(compiledFunctions('many')).toEqual(['called', 'looping']);
});
