import { describe, expect, test } from 'vitest';
import { pinned } from '../../../src/core/config/pin.ts';

const PATH = ['phases', 'check', 'gates', 'lint', 'thresholds', 'warnings'];
const FROM = { operator: '<=', value: 50, text: '<= 50' };
const TO = { operator: '<=', value: 41, text: '<= 41' };

function pin(text: string, path: readonly (string | number)[] = PATH) {
  return pinned(text, { path, from: FROM, to: TO });
}

const config = (threshold: string, top = '') => `${top}phases:
  check: # what has to hold
    gates:
      # the linter
      lint:
        run: [eslint, .]   # no shell
        thresholds:
          warnings: ${threshold}
          errors:   "== 0"   # never any
`;

describe('one value changes, and every other byte stays', () => {
  test.each([
    ['double quotes', '"<= 50"', '"<= 41"'],
    ['single quotes', `'<= 50'`, `'<= 41'`],
    ['no quotes', '<= 50', '<= 41'],
    ['a comment behind', '"<= 50"   # 92 in spring', '"<= 41"   # 92 in spring'],
    ['a flow map', '{ require: "<= 50", want: "<= 5" } # both', '{ require: "<= 41", want: "<= 5" } # both'],
    ['at-most', '{ at-most: 50 }', '{ at-most: 41 }'],
    [
      'a flow map over lines',
      '{\n              require: "<= 50",\n            }',
      '{\n              require: "<= 41",\n            }',
    ],
    [
      'a block map',
      '\n            require: "<= 50"\n            on-missing: fail',
      '\n            require: "<= 41"\n            on-missing: fail',
    ],
  ])('%s', (_, before, after) => {
    expect(pin(config(before))).toEqual({ text: config(after) });
  });

  test('line ends of Windows, a byte order mark, odd spaces and what stands around it', () => {
    const odd = `\uFEFF${config('   "<= 50"  ', 'version:   1\n\n\n')}\n# the end`.replaceAll('\n', '\r\n');
    expect(pin(odd)).toEqual({ text: odd.replace('<= 50', '<= 41') });
  });

  test('a gate in one line', () => {
    const text = 'phases: { check: { gates: { lint: { run: a, thresholds: { warnings: "<= 50" } } } } }\n';
    expect(pin(text)).toEqual({ text: text.replace('50', '41') });
  });

  test('a stage of a ladder', () => {
    const text = `phases:\n  check:\n    gates:\n      lint:\n        stages:\n          - count: 10\n            thresholds: { warnings: "<= 50" }\n          - { count: 100, thresholds: { warnings: "<= 50" } }\n`;
    const path = ['phases', 'check', 'gates', 'lint', 'stages', 1, 'thresholds', 'warnings'];
    const [head = '', ...tail] = text.split('100');
    expect(pin(text, path)).toEqual({ text: `${head}100${tail.join('100').replace('50', '41')}` });
  });

  test('an operator that would begin a block of text gets quotes', () => {
    const text = 'a: "> 1"\nb: 2\n';
    const from = { operator: '>', value: 1, text: '> 1' };
    expect(pinned(text, { path: ['a'], from, to: { operator: '>=', value: 2, text: '>= 2' } })).toEqual({
      text: 'a: ">= 2"\nb: 2\n',
    });
  });
});

describe('what cannot be replaced alone is refused', () => {
  test.each([
    ['an anchor', '&most "<= 50"', 'it has the anchor `&most`, which others may share'],
    ['an anchor on a number', '{ at-most: &most 50 }', 'it is not written as a comparison'],
    ['an alias', '*most', 'it stands behind an alias, which others share'],
    [
      'a map with an anchor',
      '&both { require: "<= 50" }',
      'it has the anchor `&both`, which others may share',
    ],
    ['a block of text', '|-\n            <= 50', 'it is written as a block of text'],
    ['a variable', '"<= {{vars.most}}"', 'what is written, `<= {{vars.most}}`, is not what is in force'],
    ['another limit', '"<= 60"', 'what is written, `<= 60`, is not what is in force'],
    ['a list', '["<= 50"]', 'it is no threshold'],
  ])('%s', (_, threshold, refused) => {
    const top = threshold.startsWith('*') ? 'vars: { x: &most "<= 50" }\n' : '';
    expect(pin(config(threshold, top))).toMatchObject({ refused });
  });

  test('a threshold that is written elsewhere, and a file that is none', () => {
    expect(pin('phases: { check: { gates: { lint: { uses: eslint } } } }\n')).toEqual({
      refused: expect.stringContaining('it is not written at the gate'),
      isThere: false,
    });
    expect(pin('phases: { check: ')).toMatchObject({ refused: 'the file does not read as YAML' });
  });
});
