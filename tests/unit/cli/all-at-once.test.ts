// Every mistake is told at once: each of a list alone, and every two of them together, are told and nothing else is.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { survey } from '../../../src/cli/load.ts';
import { NO_FLAGS } from '../../../src/core/plan/flags.ts';

let folder = '';

beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'gate-run-all-at-once-'));
  fs.mkdirSync(join(folder, 'gates'));
  fs.writeFileSync(
    join(folder, 'gates', 'mine.yaml'),
    [
      'about: a',
      'tool: b',
      'parameters: { folder: { about: where, type: text, default: src } }',
      'run: [mine, "{{with.folder}}"]',
      "metrics: { found: { count: 'warning' } }",
      'samples: []',
    ].join('\n'),
  );
  fs.writeFileSync(join(folder, 'gates', 'torn.yaml'), 'about: 5\n');
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Lines by name, so that a mistake can take the place of one. */
const FINE = {
  version: 'version: 1',
  name: 'name: x',
  vars: 'vars: { fast: 5m }',
  jobs: 'jobs: 2',
  loop: 'loop: { timeout: 1h }',
  defaults: 'defaults: { timeout: "{{vars.fast}}" }',
  reporters: 'reporters: [plain]',
  quick: 'profiles: { quick: { skip: [slow] } }',
  phases: 'phases:',
  first: '  first:\n    steps:',
  make: '      make: { run: make }',
  pack: '      pack: { run: make pack }',
  second: '  second:',
  policy: '    policy: kill',
  gates: '    gates:',
  types: '      types: { run: tsc }',
  used: '      used: { uses: mine, thresholds: { found: "== 0" } }',
  soft: '      soft: { run: a, mode: soft, on-broken: soft }',
  cover: '      cover:\n        run: cover',
  metrics: '        metrics: { lines: { count: x, better: higher }, funcs: { count: y } }',
  thresholds: '        thresholds: { lines: ">= best - 1", funcs: ">= 80" }',
  ladder: '      ladder: { run: "sim {{count}}", stages: [{ count: 10 }, { count: 20 }] }',
  slow: '      slow: { run: sleep 5, needs: [types, used], stall: { warn: 5s, kill: 10s } }',
  third: '  third: { gates: { last: { run: "print {{metrics.lines}}", when: { profile: quick } } } }',
  exit: 'exit: { target: { lines: "> 90", funcs.mean: "> 5 over 3", found: 1 }, budget: { cycles: 9 } }',
  marks: 'marks: { high: { any: { lines.best: "> 95", cover.funcs: "> 9" } } }',
};

type Line = keyof typeof FINE;

/** A line, what stands in its place, and every message that is due. */
type Mistake = readonly [line: Line, written: string, ...told: string[]];

const DURATION_5 = 'expected a duration such as `10s`, `5m` or `1h30m`, not the number 5';
const DURATION_X = 'expected a duration such as `10s`, `5m` or `1h30m`, not the text `x`';
const STOP_FILE = '`.gate-run/lock.db` is a file of gate-run itself, so every run would be stopped';

const MISTAKES: readonly Mistake[] = [
  ['version', 'version: 2', 'expected the version of the config language, `1`, not the number 2'],
  ['name', '', 'missing key `name`'],
  ['vars', 'vars: { fast: 5m, 3d: 1 }', 'the id `3d` does not start with a letter'],
  ['vars', 'vars: { fast: [5m] }', 'expected text, a number, or a map with `env` and `default`, not a list'],
  ['vars', 'vars: { fast: 5x }', '`5x` is no duration'],
  ['jobs', 'jobs: none', 'expected a whole number from 1 on, not the text `none`'],
  ['jobs', 'jobs: "{{vars.jbos}}"', 'unknown name `{{vars.jbos}}`'],
  ['jobs', 'jbos: 2', 'unknown key `jbos` — did you mean `jobs`?'],
  ['loop', 'loop: 5', 'expected a map, not the number 5'],
  ['loop', 'loop: { timeout: "{{goal}}" }', '`{{goal}}` has no value'],
  ['reporters', 'reporters: [{ junt: x }]', 'unknown reporter `junt`'],
  ['reporters', 'reporters: [{ github: never }]', 'expected `auto`, not the text `never`'],
  ['quick', 'profiles: { quick: { skip: [slw] } }'],
  [
    'quick',
    'profiles: { quick: { skip: [slow], gates: { types: { mode: sft } } } }',
    'expected `strict` or `soft`, not the text `sft`',
  ],
  ['make', '      make: {}', 'this step has nothing to run: expected `run`'],
  ['make', '      make: 5', 'expected a map, not the number 5'],
  ['make', '      make: { run: make, needs: [pack] }', 'a circle: make → pack → make'],
  ['pack', '      pack: { run: a, mode: soft }', '`mode` is for gates: a step does work, it is not judged'],
  [
    'pack',
    '      pack: { run: "a {{vars.fsat}}" }',
    'unknown name `{{vars.fsat}}` — did you mean `{{vars.fast}}`?',
  ],
  ['policy', '    policy: klil', 'expected `finish-running`, `keep-going` or `kill`, not the text `klil`'],
  ['policy', '    polcy: kill', 'unknown key `polcy` — did you mean `policy`?'],
  [
    'gates',
    '    gate:',
    'unknown key `gate` — did you mean `gates`?',
    'phase `second` has neither steps nor gates',
  ],
  [
    'types',
    '      types: { timeout: 5m }',
    'this gate has nothing to run: expected exactly one of `run`, `uses`, `judges`',
  ],
  ['types', '      types: { run: true }', 'expected a command: text, or a list of words, not `true`'],
  ['types', '      types: { run: tsc, needs: [tpyes] }', 'unknown task `tpyes` — did you mean `types`?'],
  [
    'types',
    '      types: { run: tsc, needs: [5, sfot] }',
    'expected an id, not the number 5',
    'unknown task `sfot` — did you mean `soft`?',
  ],
  [
    'types',
    '      types: { run: tsc, when: { profile: qiuck } }',
    'unknown profile `qiuck` — did you mean `quick`?',
  ],
  [
    'types',
    '      types: { run: tsc, when: { evry: 2, passed: [gone] } }',
    'unknown key `evry` — did you mean `every`?',
    'unknown task `gone`',
  ],
  [
    'types',
    '      types: { run: tsc, judges: soft }',
    'expected exactly one of `run`, `uses`, `judges`, not `run` and `judges`',
  ],
  [
    'types',
    '      types: { run: tsc, retry: { limit: x, when: [oom] } }',
    'expected a whole number from 0 to 100, not the text `x`',
  ],
  [
    'types',
    '      types: { run: tsc, exits: { passed: 0, pased: 3 } }',
    'unknown meaning `pased` of an exit code — did you mean `passed`?',
  ],
  [
    'used',
    '      used: { uses: mien, thresholds: { found: "== 0" } }',
    'unknown gate `mien` — did you mean `mine`?',
  ],
  ['used', '      used: { uses: 5, thresholds: { found: "== 0" } }', 'expected text, not the number 5'],
  [
    'used',
    '      used: { uses: mine, run: a, thresholds: { found: "== 0" } }',
    'expected exactly one of `run`, `uses`, `judges`, not `run` and `uses`',
  ],
  [
    'used',
    '      used: { uses: mine, thresholds: { fuond: "== 0" } }',
    'unknown metric `fuond` — did you mean `found`?',
  ],
  [
    'used',
    '      used: { uses: mine, with: { foldr: x } }',
    'unknown parameter `foldr` — did you mean `folder`?',
  ],
  [
    'used',
    '      used: { uses: torn, thresholds: { found: "== 0" } }',
    'expected text, not the number 5',
    'missing key `run`',
    'missing key `samples`',
    'missing key `tool`',
  ],
  [
    'soft',
    '      soft: { run: a, mode: sotf, on-broken: soft }',
    'expected `strict` or `soft`, not the text `sotf`',
  ],
  ['soft', '      soft: { run: a, mod: soft, on-broken: soft }', 'unknown key `mod` — did you mean `mode`?'],
  ['soft', '      soft: { run: a, on-broken: soft }', '`on-broken: soft` stands on soft gates only'],
  ['soft', '      on: { run: a }', 'an unquoted key `on` is no word to many YAML readers'],
  [
    'metrics',
    '        metrics: { lines: { regx: x, better: higher }, funcs: { count: y } }',
    'unknown key `regx` — did you mean `regex`?',
    'expected exactly one reader (`regex`, `count`, `json`, `junit`, `istanbul`, `lcov`, `cobertura`, `sarif`), none stands here',
  ],
  [
    'metrics',
    '        metrics: { lines: { regex: "(?<value>x", better: higher }, funcs: { count: y } }',
    'the regular expression does not compile: Unterminated group',
  ],
  [
    'metrics',
    '        metrcs: { lines: { count: x, better: higher }, funcs: { count: y } }',
    'unknown key `metrcs` — did you mean `metrics`?',
  ],
  ['metrics', '        metrics: [lines, funcs]', 'expected a map, not a list'],
  [
    'metrics',
    '        metrics: { lines: { count: x, better: more }, funcs: { count: y } }',
    'expected `higher` or `lower`, not the text `more`',
  ],
  ['thresholds', '        thresholds: { lines: ">> 5" }', 'expected a comparison, not the text `>> 5`'],
  [
    'thresholds',
    '        thresholds: { lines: 80, fncs: ">= 80" }',
    'expected a comparison such as `">= 80"`, or a map with `require`, `want`, `at-least` or `at-most`, not the number 80',
    'unknown metric `fncs` — did you mean `funcs`?',
  ],
  ['thresholds', '        thresholds: { funcs: ">= best" }', '`best` of `funcs` is not defined'],
  [
    'ladder',
    '      ladder: { run: "sim {{count}}", stages: [{ count: x }, { count: 20 }] }',
    'expected a whole number from 1 on, not the text `x`',
  ],
  [
    'ladder',
    '      ladder: { run: "sim {{count}}", stgaes: [{ count: 10 }] }',
    'unknown key `stgaes` — did you mean `stages`?',
  ],
  [
    'ladder',
    '      ladder: { run: "sim {{count}}", stages: [{ count: 20 }, { count: 10 }] }',
    'expected a count above 20, not 10: a ladder climbs',
  ],
  ['slow', '      slow: { run: a, needs: types }', 'expected a list of ids, not the text `types`'],
  [
    'slow',
    '      slow: { run: a, stall: { warn: 5s, kill: 3s } }',
    'expected the warning before the kill, not `5s` before `3s`',
  ],
  [
    'slow',
    '      slow: { run: a, stall: { wran: 5s, kill: 3s } }',
    'unknown key `wran` — did you mean `warn`?',
  ],
  ['slow', '      slow: { run: a, run: b }', 'duplicate key `run`, first on line 25'],
  [
    'third',
    '  third: { gates: { last: { run: "print {{metrics.lnes}}" } } }',
    'unknown metric `lnes` — did you mean `lines`?',
  ],
  [
    'third',
    '  third: { gates: { last: { run: a, needs: [slow, lost] } } }',
    'unknown task `lost` — did you mean `last`?',
  ],
  [
    'third',
    '  third: { gates: { types: { run: a } } }',
    'the task id `types` stands twice, first under phases.second.gates',
  ],
  ['loop', 'loop: { sleep: 5, backoff: { from: 2h } }', DURATION_5, '`from` is longer than `max`'],
  ['loop', 'loop: { rest: { faild: 5s } }', 'unknown key `faild` — did you mean `failed`?'],
  [
    'loop',
    'loop: { stop-file: .gate-run/lock.db, overlap: replaces }',
    STOP_FILE,
    'expected `skip`, `queue` or `replace`, not the text `replaces`',
  ],
  ['exit', 'exit: { target: { lnes: 3 } }', 'unknown measure `lnes` — did you mean `lines`?'],
  ['exit', 'exit: { budget: { cycles: 0, runtime: 5 } }', '`cycles >= 0` always holds', '`5` is no duration'],
  ['exit', 'exit: { budgt: { cycles: 3 } }', 'unknown key `budgt` — did you mean `budget`?'],
  ['exit', 'exit: { target: 5 }', 'expected a map of conditions such as `cycles: 30`, not the number 5'],
  ['exit', 'exit: { give-up: { half-open: { after: x } } }', DURATION_X],
  [
    'marks',
    'marks: { high: { any: { fncs.mean: "> 5" } } }',
    'unknown metric `fncs` — did you mean `funcs`?',
  ],
  ['marks', 'marks: { high: {} }', 'a mark that waits for nothing'],
  ['marks', 'marks: { high: { all: { funcs.best: 5 } } }', '`best` of `funcs` is not defined'],
  ['third', '  third: { gates: [ { name: last, run: a } ] }', 'expected a map, not a list'],
];

async function told(...edits: readonly Mistake[]): Promise<readonly string[]> {
  const lines = new Map<string, string>(Object.entries(FINE));
  for (const [line, written] of edits) lines.set(line, written);
  fs.writeFileSync(join(folder, 'loop.config.yaml'), [...lines.values()].join('\n'));
  const { problems } = await survey(
    { folder, config: undefined, flags: NO_FLAGS },
    { XDG_CACHE_HOME: folder },
  );
  // The name that comes nearest may be part of the other mistake.
  return problems.map(({ message }) => (edits.length > 1 ? withoutGuess(message) : message));
}

function withoutGuess(message: string): string {
  return message.replace(/ — did you mean .*/, '');
}

test('without a mistake nothing is told', async () => {
  expect(await told()).toEqual([]);
});

test('each mistake alone is told, and nothing else', async () => {
  const wrong = [];
  for (const mistake of MISTAKES) wrong.push(...(await misread(mistake)));
  expect(wrong).toEqual([]);
});

test('[B10] every two mistakes together are both told, and nothing else', async () => {
  const wrong = [];
  for (const [at, one] of MISTAKES.entries()) {
    for (const other of MISTAKES.slice(at + 1)) {
      if (one[0] === other[0] || isUnknowable(one, other) || isUnknowable(other, one)) continue;
      wrong.push(...(await misread(one, other)));
    }
  }
  expect(wrong).toEqual([]);
}, 120_000);

/** What cannot be known beside a mistake: below an unknown key anything may stand, and nobody knows the metrics of a lost gate. */
const UNKNOWABLE: readonly (readonly [beside: RegExp, left: RegExp])[] = [
  [/^ {4}gate:$/, / {6}\S|types|funcs\.best/],
  [/uses: (?:mien|5|torn|mine, run)|metrcs:|metrics: \[/, /\{\{metrics|fncs|>= best"|lnes: 3|funcs\.best/],
];

function isUnknowable([, beside]: Mistake, [, written]: Mistake): boolean {
  return UNKNOWABLE.some(([one, left]) => one.test(beside) && left.test(written));
}

/** What is told too much (+) and what is not told (-), below the lines it is about. */
async function misread(...mistakes: readonly Mistake[]): Promise<readonly string[]> {
  const found = await told(...mistakes);
  const messages = mistakes.flatMap(([, , ...due]) => due);
  const due = mistakes.length > 1 ? messages.map(withoutGuess) : messages;
  const [more, less] = [without(found, due), without(due, found)];
  if (more.length + less.length === 0) return [];
  const lines = mistakes.map(([, written]) => written);
  return [
    [...lines, ...more.map((message) => `+ ${message}`), ...less.map((message) => `- ${message}`)].join('\n'),
  ];
}

/** Each one as often as it is there too often. */
function without(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return some.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

test('a config in code shows the problems of its plan beside those of its shape', async () => {
  const own = fs.mkdtempSync(join(folder, 'code-'));
  fs.writeFileSync(
    join(own, 'loop.config.mjs'),
    "export default { version: 1, name: 'x', jbos: 2, phases: { a: { gates: { b: { run: 'b', needs: ['c'] } } } } };",
  );
  const { problems } = await survey(
    { folder: own, config: undefined, flags: { ...NO_FLAGS, skip: ['d'] } },
    {},
  );
  expect(problems.map(({ message }) => message)).toEqual([
    'unknown key `jbos` — did you mean `jobs`?',
    'unknown task `d`',
    'unknown task `c`',
  ]);
});
