import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigFile } from '../../../src/core/config/config.ts';
import { checkConfig, parseConfig, parseGateFile } from '../../../src/core/config/parse.ts';
import { MAX_CONFIG_LENGTH, MAX_NODES } from '../../../src/core/config/limits.ts';
import { gate, loop, screen } from './screen.ts';

const LIMIT_MS = 2_000;

function configOf(text: string): ConfigFile {
  const checked = parseConfig(text, 'f');
  if (checked.problems) throw new Error(screen(text));
  return checked.value;
}

/** Time of this process alone: what else runs on the machine does not count. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function messages(text: string): string[] {
  return (parseConfig(text, 'f').problems ?? []).map(({ message }) => message);
}

test('a small config comes back as it was written', () => {
  const text = loop('gates: { g: { run: [make, 1.10, 7], mode: soft } }');
  const g = { run: ['make', '1.10', 7], mode: 'soft' };
  expect(parseConfig(text, 'f')).toEqual({
    value: { version: 1, name: 'x', phases: { p: { gates: { g } } } },
  });
});

test('a number where text is due is taken as written', () => {
  const text = gate(
    'uses: coverage',
    'with: { at-least: 80, version: 1.10 }',
    'env: { set: { A: 3.0, B: 5 } }',
  );
  const g = configOf(text).phases['p']?.gates?.['g'];
  expect(g?.with).toEqual({ 'at-least': 80, version: '1.10' });
  expect(g?.env?.set).toEqual({ A: '3.0', B: 5 });
});

test('phases and tasks keep their order', () => {
  const text = loop('gates: { zeta: { run: make }, alpha: { run: make }, mid: { run: make } }');
  expect(Object.keys(configOf(text).phases['p']?.gates ?? {})).toEqual(['zeta', 'alpha', 'mid']);
});

test('values that wait for `{{vars.x}}` are left for the plan to check', () => {
  const text = gate(
    'run: make',
    'timeout: "{{vars.minutes}}m"',
    'log-limit: "{{vars.size}}"',
    'metrics: { a: { regex: "{{vars.r}}" } }',
    'thresholds: { a: ">= {{vars.least}}" }',
  );
  expect(screen(text)).toBe('\nfine');
});

test('a comment behind a command is one when two spaces stand before it', () => {
  expect(screen(gate('run: make   # everything'))).toBe('\nfine');
});

test('JSON is read too, indented with tabs', () => {
  const text = JSON.stringify(
    { version: 1, name: 'x', phases: { p: { gates: { g: { run: 'make' } } } } },
    null,
    '\t',
  );
  expect(screen(text)).toBe('\nfine');
});

test('a task inherits its command from `defaults`', () => {
  expect(screen(`${loop('gates: { g: { timeout: 5m } }')}defaults: { run: make }\n`)).toBe('\nfine');
});

test('names and thresholds of a gate that repeat for each entry may hold `{{key}}`', () => {
  const text = [
    'about: a',
    'tool: b',
    'run: [make]',
    'parameters: { folders: { about: a, type: numbers-by-name } }',
    'each:',
    '  of: folders',
    "  metrics: { '{{key}}': { istanbul: out.json, folder: '{{key}}' } }",
    "  thresholds: { '{{key}}': '>= {{value}}' }",
    'samples: []',
  ].join('\n');
  expect(parseGateFile(text, 'f').problems).toBeUndefined();
});

test('an anchor bomb is refused at once, and nothing of it is expanded', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
  const lines = letters.map((letter, index) => {
    const before = letters[index - 1];
    return `${letter}: &${letter} [${Array.from({ length: 9 }, () => (before === undefined ? 'x' : `*${before}`)).join(', ')}]`;
  });
  const spent = cpuMs(() => {
    expect(messages(lines.join('\n'))).toContain('anchors are not read in a config');
  });
  expect(spent).toBeLessThan(LIMIT_MS);
});

test.each([
  ['a 5 MB config', 'x'.repeat(5_000_000), 'the file has 4883 KiB; a config may have 256 KiB'],
  ['too many values', `a: [${'b,'.repeat(MAX_NODES)}]`, `more than ${MAX_NODES} values`],
  ['brackets without end', '['.repeat(MAX_CONFIG_LENGTH), 'nested deeper than 64 levels'],
  ['dashes without end', '- '.repeat(MAX_CONFIG_LENGTH / 2), 'nested deeper than 64 levels'],
  [
    'a staircase',
    Array.from({ length: 70 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    'nested deeper than 64 levels',
  ],
])('%s is refused in words', (_, text, message) => {
  const spent = cpuMs(() => {
    expect(messages(text)).toEqual([message]);
  });
  expect(spent).toBeLessThan(LIMIT_MS);
});

test('a file full of mistakes is told in bounded time', () => {
  const keys = Array.from({ length: 15_000 }, (_, index) => `tim${index}: 1`);
  const spent = cpuMs(() => {
    expect(messages(keys.join('\n')).length).toBeGreaterThan(100);
  });
  expect(spent).toBeLessThan(LIMIT_MS);
});

test('no text throws, and none takes long', () => {
  const yaml =
    'version: 1|name: x|phases:|gates:|run: |a: |- |{|}|[|]|{{x}}|"|> 5|: |,|*|&a|!|<<|%|@|\\d|yes|1e9|é';
  const spaces = ['\n', '\n  ', '\n    ', '\t', ' #', '---\n', '\0', '|', "'"];
  const word = fc.constantFrom(...yaml.split('|'), ...spaces);
  const text = fc
    .array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 60 })
    .map((words) => words.join(''));
  fc.assert(
    fc.property(text, (written) => {
      expect(cpuMs(() => void screen(written))).toBeLessThan(1_000);
    }),
    { numRuns: 400 },
  );
});

test('every problem of a text has a place inside it', () => {
  const line = fc.constantFrom(
    'run: ! x',
    'timeout: 5',
    'tymeout: 1',
    'needs: [*]',
    'stall: {{a}}',
    'env: &e {}',
    'with:',
    'retry: { a, b }',
    '\tx: 1',
    'mode: > 5',
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      const text = gate(...lines);
      for (const { range } of parseConfig(text, 'f').problems ?? []) {
        expect(range?.[0]).toBeGreaterThanOrEqual(0);
        expect(range?.[1]).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});

test('a config out of code is checked by path', () => {
  const found = checkConfig(
    { version: 1, name: 'x', phases: { p: { gates: { g: { run: 'make', tymeout: '5m' } } } } },
    'c.ts',
  );
  expect(found.problems).toEqual([
    {
      file: 'c.ts',
      path: ['phases', 'p', 'gates', 'g', 'tymeout'],
      on: 'key',
      message: 'unknown key `tymeout` — did you mean `timeout`?',
    },
  ]);
});

test('a config out of code may leave keys undefined', () => {
  const config = { version: 1, name: 'x', goal: undefined, phases: { p: { gates: { g: { run: 'make' } } } } };
  expect(checkConfig(config, 'c.ts').problems).toBeUndefined();
});

test('a config out of code that holds itself, a function or a date is refused', () => {
  const endless: Record<string, unknown> = { version: 1, name: 'x' };
  endless['phases'] = endless;
  expect(checkConfig(endless, 'c.ts').problems?.[0]?.message).toMatch(/^the config is endless/);
  const odd = {
    version: 1,
    name: () => 'x',
    phases: { p: { gates: { g: { run: 'make', with: { a: new Date(0) } } } } },
  };
  expect(checkConfig(odd, 'c.ts').problems?.map(({ message }) => message)).toContain(
    'expected a plain value, not a function',
  );
  expect(checkConfig(undefined, 'c.ts').problems).toHaveLength(1);
});

test('a key called `__proto__` changes no object', () => {
  expect(messages(`${loop('gates: { g: { run: make } }')}__proto__: { polluted: 1 }\n`)).toEqual([
    '`__proto__` cannot be a key',
  ]);
  expect('polluted' in {}).toBe(false);
});
