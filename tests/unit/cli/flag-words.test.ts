import { expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/args.ts';
import { FLAGS } from '../../../src/cli/flag-table.ts';
import { flagWords, lacksSecret, shellText } from '../../../src/cli/flag-words.ts';

function flagsOf(argv: readonly string[]) {
  const args = parseArguments(argv);
  if ('problems' in args) throw new Error(JSON.stringify(args.problems));
  return args.flags;
}

const EVERY: readonly (readonly string[])[] = [
  ['--continuous'],
  ['--iterations', '3'],
  ['--cycles', '3'],
  ['--max-iterations', '3'],
  ['--max-runtime', '7200'],
  ['--target', 'edge=> 5', '--target-lines', '80'],
  ['--profile', 'night'],
  ['--mode', 'night'],
  ['--goal=-x and y'],
  ['-j', '4'],
  ['--timeout', '90'],
  ['--sleep', '0'],
  ['--max-failures', 'never'],
  ['--max-backoff', '5m'],
  ['--cap-writes', '3'],
  ['--stop-file', 'a b/stop'],
  ['--overlap', 'queue'],
  ['--since', 'main'],
  ['--fail-on', 'soft'],
  ['--set', 'vars.x=1=2', '--set', 'gates.a.timeout=9s'],
  ['--skip', 'a,b', '--skip', 'c'],
  ['--only', 'a'],
  ['--phase', 'p,q'],
  ['--reporter', 'junit=a=b.xml', '--reporter', 'plain'],
];

test.each(EVERY.map((argv) => ({ argv })))('$argv is kept as words that mean the same', ({ argv }) => {
  const flags = flagsOf(argv);
  expect(flagsOf(flagWords(flags))).toEqual(flags);
  expect(flagWords(flags)).not.toEqual([]);
});

test('every flag that shapes a plan is among them, and no other is kept', () => {
  const beside = [
    'config',
    'folder',
    'accept-config',
    'replace',
    'detach',
    'failed',
    'json',
    'locked-ok',
    'clean-state',
    // Of the start, not of the run.
    'replace',
    'detach',
    'quiet',
    'verbose',
    'color',
  ];
  const names = FLAGS.map(({ name }) => name).filter(
    (name) => ![...beside, 'help', 'version'].includes(name),
  );
  const tried = EVERY.flat().map((word) => word.replace(/^-j$/, '--jobs'));
  expect(names.filter((name) => !tried.some((word) => word.startsWith(`--${name}`)))).toEqual([]);
  expect(
    flagWords(flagsOf(['-q', '-v', '--json', '--locked-ok', '--accept-config', '-c', 'x', '-C', 'y'])),
  ).toEqual([]);
  // Whoever carries a run on later does not take another one's place again.
  expect(flagWords(flagsOf(['--replace', '--detach']))).toEqual([]);
  expect(flagWords(flagsOf(['--overlap', 'replace']))).toEqual([]);
});

test('what `--failed` chose is not kept: the same word would choose other tasks now', () => {
  expect(flagWords({ ...flagsOf(['--continuous']), failed: ['a'] })).toEqual([]);
});

test('[A12] the value of a name that `redact` matches is not kept', () => {
  const flags = flagsOf([
    '--set',
    'vars.api-token=hush',
    '--set',
    'gates.a.env.set.MY_TOKEN=hush',
    '--set',
    'vars.x=1',
  ]);
  const words = flagWords(flags, ['*_TOKEN']);
  expect(words.join(' ')).not.toContain('hush');
  expect(words).toContain('vars.x=1');
  expect([lacksSecret(words), lacksSecret(flagWords(flags, ['!*']))]).toEqual([true, false]);
});

test('they can be copied into a shell', () => {
  expect(shellText(['--goal', "it's here", '--sleep', '5s', '--target', 'a=> 5'])).toBe(
    `--goal 'it'\\''s here' --sleep 5s --target 'a=> 5'`,
  );
});
