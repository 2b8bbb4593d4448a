// A search as people start it: crowned seed by seed, kept whole under kill -9, shown, restored, measured again.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { Dice } from '../../src/simulation/random.ts';
import { begin, folderWith, gateRun, type Folder } from './rig.ts';

const KILLS = Number(process.env['PROVE_KILLS'] ?? 6);
const SEED = Number(process.env['PROVE_SEED'] ?? 1);
const LIMIT_MS = 60_000 + KILLS * 4000;

const SHOWN = z.object({
  champion: z.object({ cycle: z.number(), value: z.number() }).nullable(),
  trouble: z.string().nullable(),
});
const PAGE = readFileSync(new URL('../../docs/champion.md', import.meta.url), 'utf8');

/** The page's own example. */
function blockOf(file: string): string {
  const end = PAGE.indexOf(`<!-- checked: file ${file} in search -->`);
  const before = PAGE.slice(0, end).trimEnd().replace(/```$/, '');
  return before.slice(before.indexOf('\n', before.lastIndexOf('```')) + 1);
}

function search(change: (config: string) => string = (config) => config): Folder {
  return folderWith({
    'loop.config.yaml': change(blockOf('loop.config.yaml')),
    'propose.mjs': blockOf('propose.mjs'),
    'simulate.mjs': blockOf('simulate.mjs'),
  });
}

async function told(folder: Folder, name: string, ...words: readonly string[]) {
  const { stdout, stderr, code } = await gateRun(folder, ['champion', ...words, '--json']);
  if (stdout === '') return { code, stderr, answer: undefined };
  const answer: unknown = JSON.parse(stdout);
  expect(ANSWERS[name]?.safeParse(answer).error, stdout).toBeUndefined();
  return { code, stderr, answer };
}

test(
  '[A9] a search crowns what is better seed by seed, and is looked after',
  { timeout: LIMIT_MS },
  async () => {
    const folder = search();
    const run = await gateRun(folder, ['--continuous']);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/new champion of cycle 5: edge [\d.]+, before [\d.]+ of cycle 3/);
    const { answer: rows } = await told(folder, 'champion-history', 'history');
    expect(rows).toMatchObject([
      { cycle: 1, what: 'crowned', isKept: true },
      { cycle: 3, what: 'crowned' },
      { cycle: 5, what: 'crowned' },
    ]);
    const lines = (await gateRun(folder, ['history'])).stdout.split('\n');
    expect(
      lines.filter((line) => line.endsWith('crowned')).map((line) => /cycle (\d+)/.exec(line)?.[1]),
    ).toEqual(['1', '3', '5']);
    const shown = await told(folder, 'champion');
    expect(shown.answer).toMatchObject({
      champion: {
        cycle: 5,
        count: 40,
        before: { cycle: 3 },
        files: 2,
        sims: { paired: { n: 40, wins: true } },
      },
      trouble: null,
    });
    const steady = await told(folder, 'robustness', 'robustness', '--batches', '2');
    expect(steady).toMatchObject({
      code: 0,
      answer: { cycle: 5, band: 'excellent', batches: [{ base: 40 }, { base: 80 }] },
    });
    const { answer: status } = { answer: JSON.parse((await gateRun(folder, ['status', '--json'])).stdout) };
    expect(status).toMatchObject({ champion: { cycle: 5, metric: 'edge', age: 0 } });
    expect(JSON.parse(folder.read('.gate-run/latest.json'))).toMatchObject({ champion: { cycle: 5 } });
    expect(await told(folder, 'champion', 'restore', '3')).toMatchObject({
      code: 0,
      answer: { champion: { cycle: 3 }, trouble: null },
    });
    expect((await told(folder, 'champion', 'restore', '2')).stderr).toContain('cycle 2 was never crowned');
    folder.write('.gate-run/champion/000005/strategy.json', '{"skill":99}');
    expect(await told(folder, 'champion', 'restore', '5')).toMatchObject({ code: 8 });
    const again = await gateRun(folder, ['--iterations', '1']);
    expect(again.stdout).toMatch(/new champion of cycle 6: edge [\d.]+, before [\d.]+ of cycle 3/);
    folder.write('.gate-run/champion/000006/sims.jsonl', '');
    const damaged = await gateRun(folder, ['--iterations', '1']);
    expect(damaged.stdout).toContain(
      'the champion is set aside: champion/000006/sims.jsonl is not what was kept',
    );
  },
);

/** The page's search, confirmed after every cycle, whose first seeds flatter everybody. */
function flattered(simulate: (script: string) => string = (script) => script): Folder {
  const folder = search((config) => config.replace('every: 20', 'every: 1'));
  const script = blockOf('simulate.mjs').replace('edge: 300', 'edge: (seed < 40 ? 305 : 300)');
  folder.write('simulate.mjs', simulate(script));
  folder.write('propose.mjs', blockOf('propose.mjs').replace('[1, -1, 2, 0, 3]', '[1, -1, 2, 0, -1]'));
  return folder;
}

test(
  '[A9] a crown that fresh seeds do not bear out is called lucky wherever the champion is shown',
  { timeout: LIMIT_MS },
  async () => {
    const folder = flattered();
    const before = folder.list().filter((name) => name !== '.gate-run');
    const run = await gateRun(folder, ['--continuous']);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(
      /! the champion of cycle 1 was crowned by luck: edge [\d.]+ on 40 fresh seeds/,
    );
    // Nobody is dethroned for it, and those who win still do.
    expect(run.stdout).toMatch(/new champion of cycle 3: edge [\d.]+, before [\d.]+ of cycle 1/);
    const { answer: rows } = await told(folder, 'champion-history', 'history');
    expect(rows).toMatchObject([
      { cycle: 1, what: 'crowned' },
      { cycle: 1, what: 'lucky', metric: 'edge' },
      { cycle: 3, what: 'crowned' },
      { cycle: 3, what: 'lucky' },
    ]);
    expect(run.stdout).toMatch(/; champion of cycle 3: edge [\d.]+, a lucky crown: edge/);
    expect((await gateRun(folder, ['champion', 'restore', '3'])).code).toBe(0);
    const { answer } = await told(folder, 'champion');
    const lucky = expect.stringContaining('worse by at least');
    expect(answer).toMatchObject({
      champion: { cycle: 3, lucky, confirmed: { verdict: 'lucky', seeds: 40 } },
    });
    for (const words of [['champion'], ['status']])
      expect((await gateRun(folder, words)).stdout).toMatch(/lucky +edge [\d.]+ on 40 fresh seeds/);
    expect((await gateRun(folder, ['report'])).stdout).toContain('worse by at least');
    const first = (await gateRun(folder, ['explain', '--cycle', '1'])).stdout;
    expect(first).toContain('crowned: edge 315.134281: the first that could be crowned');
    const second = (await gateRun(folder, ['explain', '--cycle', '2'])).stdout;
    expect(second).toMatch(
      /confirmation passed in [^\n]+\n[^\n]+\n {2}a lucky crown: edge [\d.]+ on 40 fresh seeds/,
    );
    // What a champion of old gave on fresh seeds is no cycle's value.
    const sorted = (await gateRun(folder, ['history', '--sort', 'sims.edge'])).stdout;
    expect(sorted).toContain('cycle 3 passed');
    expect(sorted).not.toContain('confirmation');
    expect(folder.list().filter((name) => name !== '.gate-run')).toEqual(before);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  },
);

test(
  'a confirmation that is ended by kill -9 is closed and done again, and nothing is left of it',
  { timeout: LIMIT_MS },
  async () => {
    const slow = (script: string) =>
      script.replace(
        'console.log',
        'if (seed >= 40) await new Promise((go) => setTimeout(go, 100));\n  console.log',
      );
    const folder = flattered(slow);
    const kills = Math.max(2, Math.min(KILLS, 20));
    const dice = new Dice(SEED, 'confirmation kills');
    let cut = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const run = begin(folder, ['--continuous', '--iterations', '30']);
      const known = confirmations(folder);
      const over = run.ended.then(() => true);
      while (confirmations(folder) === known && !(await Promise.race([over, after(2)])));
      await after(dice.whole(0, 400));
      run.child.kill('SIGKILL');
      if ((await run.ended).code === null) cut += 1;
      expect((await gateRun(folder, ['verify'])).code).toBe(0);
      expect((await told(folder, 'champion')).answer).toMatchObject({ trouble: null });
    }
    expect(cut).toBeGreaterThan(0);
    folder.write('simulate.mjs', blockOf('simulate.mjs'));
    const last = await gateRun(folder, ['--continuous', '--iterations', '4']);
    expect([0, 1], last.stderr).toContain(last.code);
    const ledger = folder.read('.gate-run/history.jsonl');
    expect(ledger).toMatch(/"turn":"confirm","verdict":"interrupted"/);
    expect(ledger).toMatch(/"type":"champion.confirmed"/);
    const bases = [...ledger.matchAll(/"confirm":\{"champion":\d+,"base":(\d+)/g)].map(([, base]) =>
      Number(base),
    );
    expect(new Set(bases).size).toBe(bases.length);
  },
);

test('a champion that was kept with all of its folder is not laid over the ledger of its confirmation', async () => {
  const folder = search((config) =>
    config.replace('every: 20', 'every: 1').replace('"{{cycle.dir}}/strategy.json"', '"{{cycle.dir}}/*"'),
  );
  const run = await gateRun(folder, ['--continuous']);
  expect(run.stdout, run.stderr).toContain('the champion of cycle 1 holds');
  const verified = await gateRun(folder, ['verify']);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  expect(folder.read('.gate-run/cycles/000002-confirm/events.jsonl')).toContain('"type":"attempt.ended"');
  expect((await gateRun(folder, ['champion', 'robustness', '--batches', '2'])).code).toBe(0);
});

/** What a candidate that games its evaluator says in the place of a number, by cycle; the first is honest. */
const SAID = ['412.5', 'NaN', '1e999', '-1e999', '99999', '[500]', 'true', '4_1_5'];

describe('[A8] an evaluator that is gamed', () => {
  const TOP = `version: 1
name: gamed
exit: { budget: { cycles: ${SAID.length + 1} }, give-up: { failures-in-a-row: never } }
loop: { sleep: 0s, rest: { broken: 0s, failed: 0s } }
objective: { metric: edge }
champion: { keep: ["{{cycle.dir}}/said"] }
phases:
  propose: { steps: { agent: { run: [node, propose.mjs] } } }
  prove:
    gates:`;
  const propose = `import { writeFileSync } from 'node:fs';
const { GATE_CYCLE, GATE_CYCLE_DIR } = process.env;
writeFileSync(\`\${GATE_CYCLE_DIR}/said\`, ${JSON.stringify(SAID)}[GATE_CYCLE - 1] ?? '413');\n`;
  const gates = {
    'by a number in its output':
      'sims: { run: [node, say.mjs, "{{cycle.dir}}/said"], metrics: { edge: { regex: "edge.*?: ?(?<value>[^}\\\\s]+)", better: higher, bounds: [0, 1000] } } }',
    'by simulations that gate-run runs':
      'sims: { run: [node, say.mjs, "{{cycle.dir}}/said", "{{seed}}"], per: seed, metrics: { edge: { better: higher, bounds: [0, 1000] } }, stages: [{ count: 8 }] }',
  };

  test.each(Object.entries(gates))(
    '%s: what is no number, not finite or out of bounds is never the best',
    async (_name, gate) => {
      const folder = folderWith({
        'loop.config.yaml': `${TOP}\n      ${gate}\n`,
        'propose.mjs': propose,
        'say.mjs': `import { readFileSync } from 'node:fs';
const [, , file, seed = '0'] = process.argv;
console.log(\`{"seed": \${seed}, "edge": \${readFileSync(file, 'utf8')}}\`);\n`,
      });
      const run = await gateRun(folder, ['--continuous']);
      const { answer } = await told(folder, 'champion-history', 'history');
      expect(answer, run.stdout).toMatchObject([
        { cycle: 1, what: 'crowned', value: 412.5 },
        { cycle: SAID.length + 1, what: 'crowned', value: 413 },
      ]);
      const ended = folder.read('.gate-run/history.jsonl').match(/"turn":"cycle","verdict":"[a-z]+"/g) ?? [];
      expect(ended.map((one) => one.slice(26, -1))).toEqual([
        'passed',
        ...SAID.slice(1).map(() => 'broken'),
        'passed',
      ]);
      expect(run.code).toBe(0);
    },
  );
});

function confirmations(folder: Folder): number {
  if (!folder.has('.gate-run/cycles')) return 0;
  return folder.list('.gate-run/cycles').filter((name) => name.endsWith('-confirm')).length;
}

test('words and flags that mean nothing are refused', async () => {
  const folder = search();
  for (const [words, why] of [
    [['crown'], '`crown` is none of show, history, restore N, robustness'],
    [['restore'], '`restore` takes the number of a cycle'],
    [['restore', 'x'], '`restore` takes the number of a cycle'],
    [['show', 'x'], '`show` takes no further words'],
    [['--batches', '3'], '`--batches` belongs to `robustness`'],
    [['robustness', '--batches', '1'], '--batches takes a number from 2 to 100, not `1`'],
    [['robustness'], 'there is no champion yet'],
    [['restore', '1'], 'cycle 1 was never crowned'],
  ] as const) {
    const { code, stderr } = await gateRun(folder, ['champion', ...words]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  }
  expect((await gateRun(folder, ['champion'])).stdout).toBe('there is no champion yet\n');
});

test(
  `killed ${KILLS} times while files are kept: the old champion or the new one, whole`,
  { timeout: LIMIT_MS },
  async () => {
    const dice = new Dice(SEED, 'champion kills');
    const many = '{{cycle.dir}}/many';
    const folder = search((config) => config.replace('keep: [', `keep: ["${many}", `));
    const proposal = blockOf('propose.mjs').replace('[1, -1, 2, 0, 3]', '[1, 1, 1, 1, 1]');
    const files = `import { mkdirSync } from 'node:fs';
mkdirSync(\`\${process.env.GATE_CYCLE_DIR}/many\`, { recursive: true });
for (let n = 0; n < 60; n += 1) writeFileSync(\`\${process.env.GATE_CYCLE_DIR}/many/\${n}\`, \`\${process.env.GATE_CYCLE} \${n}\`);\n`;
    folder.write('propose.mjs', proposal + files);
    let best = 0;
    let hits = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const run = begin(folder, ['--iterations', '1']);
      if (await underWay(folder, run.ended)) {
        await after(dice.whole(0, 60));
        run.child.kill('SIGKILL');
      }
      const ended = await run.ended;
      if (ended.code === null) hits += 1;
      const { answer } = await told(folder, 'champion');
      const { champion, trouble } = SHOWN.parse(answer);
      expect(trouble).toBeNull();
      expect(champion?.value ?? 0).toBeGreaterThanOrEqual(best);
      best = champion?.value ?? best;
    }
    console.log(`figure: ${hits} of ${KILLS} starts were killed while files were kept`);
    expect(hits).toBeGreaterThan(0);
    const last = await gateRun(folder, ['--iterations', '1']);
    expect(last.code, last.stderr).toBe(0);
    expect((await told(folder, 'champion')).answer).toMatchObject({ trouble: null, champion: { files: 62 } });
    const parts = readdirSync(join(folder.path, '.gate-run/champion')).filter((name) => name.includes('.'));
    expect(parts).toEqual([]);
  },
);

/** Until files are being kept, or the run is over. */
async function underWay(folder: Folder, ended: Promise<unknown>): Promise<boolean> {
  const over = ended.then(() => false);
  for (;;) {
    const isOver = await Promise.race([over, after(1).then(() => undefined)]);
    if (isOver === false) return false;
    const names = folder.has('.gate-run/champion') ? folder.list('.gate-run/champion') : [];
    if (names.some((name) => name.endsWith('.new'))) return true;
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
