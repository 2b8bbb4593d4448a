import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explain, plan } from '../../../src/cli/plan.ts';
import type { CommandRequest } from '../../../src/cli/request.ts';
import { NO_FLAGS, type Flags } from '../../../src/core/plan/flags.ts';

const CONFIG = `version: 1
name: sample
goal: win
vars: { model: { env: MODEL, default: small }, key: { env: API_TOKEN } }
redact: ["*_TOKEN"]
jobs: 3
defaults: { timeout: 5m }
phases:
  work:
    title: Do it
    timeout: 1h
    steps:
      agent: { run: "tool -m {{vars.model}} {{cycle.dir}}", env: { set: { KEY: "{{vars.key}}" } } }
  check:
    policy: keep-going
    gates:
      types: { uses: typed, mode: soft, retry: { limit: 2, when: [oom], delay: 1s } }
      tests: { run: "npm test | tee log", needs: [types] }
      coverage: { judges: tests, metrics: { lines: { regex: '(?<value>\\d+)%' } }, thresholds: { lines: ">= 80" } }
profiles: { quick: { skip: [tests] } }
`;
const GATE = `about: Checks types.
tool: https://example.com
parameters: { project: { about: a file, type: text, default: "a b.json" } }
run: [tsc, --project, "{{with.project}}"]
samples: [{ name: fine, from: tsc 7, exit: 0, verdict: passed }, { name: wrong, from: tsc 7, exit: 1, verdict: failed }, { name: none, from: tsc 7, exit: { not-started: not-found }, verdict: broken }]
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-plan-'));
  mkdirSync(join(folder, 'gates'));
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG);
  writeFileSync(join(folder, 'gates', 'typed.yaml'), GATE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function ask(
  command: (request: CommandRequest) => Promise<number>,
  {
    args = [],
    flags = {},
    json = false,
    env = {},
  }: { args?: string[]; flags?: Partial<Flags>; json?: boolean; env?: Record<string, string> } = {},
): Promise<Said> {
  let [out, err] = ['', ''];
  const exit = await command({
    folder,
    args,
    flags: { ...NO_FLAGS, ...flags },
    json,
    color: false,
    env: { XDG_CACHE_HOME: join(folder, 'cache'), API_TOKEN: 'secret-of-mine', ...env },
    write: (text) => void (out += text),
    writeError: (text) => void (err += text),
  });
  return { exit, out, err };
}

describe('gate-run plan', () => {
  test('[B18] shows when the calendar is due next', async () => {
    const cron = '0 3 * * *';
    writeFileSync(
      join(folder, 'loop.config.yaml'),
      `${CONFIG}loop: { cron: "${cron}", timezone: Europe/Berlin }\n`,
    );
    const { out } = await ask(plan, { json: true, flags: { continuous: true } });
    const { nextFires }: { nextFires: readonly string[] } = JSON.parse(out);
    expect(nextFires).toHaveLength(3);
    const hours = nextFires.map((at) =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Europe/Berlin',
        hour: 'numeric',
        hourCycle: 'h23',
      }).format(new Date(at)),
    );
    expect(hours).toEqual(['03', '03', '03']);
    expect((await ask(plan, { flags: { continuous: true } })).out).toContain(nextFires[0]);
  });

  test('[A11] shows what would run, and value and source of every setting', async () => {
    const { exit, out, err } = await ask(plan, { flags: { jobs: '2' }, env: { MODEL: 'large one' } });
    expect(exit).toBe(0);
    expect(out.replace(/plan [0-9a-f]{8}/, 'plan ID')).toBe(`sample: 4 tasks in 2 phases, plan ID
  jobs: 2 (flag)
  loop.timeout: 1h (default)
  loop.stop-within: 5m (default)
  state.dir: .gate-run (default)
  questions.file: .gate-run/questions.md (default)
  goal: win (file)
  vars.model: large one (variable)
  vars.key: ***API_TOKEN*** (variable)
  redact: *_TOKEN (file)
  withheld, unless \`env.pass\` lists them: API_TOKEN (\`redact\`)
  a task has, unless it says otherwise: timeout 10m, stall 5m to warn, 15m to kill, kill-after 10s, log-limit 1g

1 work: Do it, timeout 1h (file)
  1.1 step agent
    runs: tool -m 'large one' {{cycle.dir}}
    timeout: 5m (file)
    env: KEY={{vars.key}} (file)

2 check, policy keep-going (file)
  2.1 gate types, soft (file)
    runs: tsc --project 'a b.json' (gates/typed.yaml)
    timeout: 5m (file)
    retry: 2 more for oom, after 1s (file)
  2.2 gate tests, strict
    sh runs: npm test | tee log
    needs: types
    timeout: 5m (file)
  2.3 gate coverage, strict
    judges tests
    needs: tests
    timeout: 5m (file)
    metrics: lines from regex (?<value>\\d+)% in output (file)
    thresholds: lines >= 80 (file)
`);
    expect(err).toContain('phases.check.gates.tests.run: a pipe passes when only its last command does');
  });

  test('says what is left out, and by which rule', async () => {
    const { out } = await ask(plan, { flags: { profile: 'quick', skip: ['agent'] } });
    expect(out).toContain('1.1 step agent: skipped, --skip\n');
    expect(out).toContain('2.2 gate tests, strict: skipped, profile quick\n');
    expect(out).toContain('2.3 gate coverage, strict: skipped, profile quick\n');
    expect(out).toContain('profile: quick (flag)\n');
  });

  test('of named tasks is the plan of that ad hoc run', async () => {
    const { out } = await ask(plan, { args: ['tests'] });
    expect(out.match(/\d\.\d \w+ \w+/g)).toEqual(['2.1 gate types', '2.2 gate tests']);
  });

  test('--json is the plan as one object, without secrets', async () => {
    const { exit, out } = await ask(plan, { json: true });
    const found: unknown = JSON.parse(out);
    expect(exit).toBe(0);
    expect(found).toMatchObject({
      schemaVersion: 1,
      exit: 0,
      vars: { key: '***API_TOKEN***', model: 'small' },
      sources: { 'gates.types.run': 'gate', jobs: 'file' },
    });
    expect(out).not.toContain('secret-of-mine');
  });

  test('shows problems in their frame and ends with 2', async () => {
    const { exit, out, err } = await ask(plan, { flags: { jobs: '0', skip: ['tpyes'] } });
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain('--jobs  `0` is no whole number from 1 to 1000');
    expect(err).toContain('--skip  unknown task `tpyes` — did you mean `types`?');
    writeFileSync(
      join(folder, 'loop.config.yaml'),
      CONFIG.replace('uses: typed', 'uses: typd').replace('needs: [types]', 'needs: [tests]'),
    );
    const framed = await ask(plan, { json: true });
    expect(framed.err).toMatch(/loop\.config\.yaml:17:22 {2}unknown gate `typd`/);
    expect(framed.err).toMatch(/loop\.config\.yaml:18:51 {2}`tests` needs itself/);
    expect(JSON.parse(framed.out)).toMatchObject({
      exit: 2,
      problems: [{ line: 17, column: 22 }, { line: 18 }],
    });
  });
});

describe('gate-run explain', () => {
  test('shows one task whole, defaults included', async () => {
    const { exit, out } = await ask(explain, { args: ['tests'] });
    expect(exit).toBe(0);
    expect(out).toBe(`2.2 gate tests, strict, in phase check
  sh runs: npm test | tee log
  needs: types
  mode: strict (default)
  timeout: 5m (file)
  stall: warn 5m, kill 15m (default)
  kill-after: 10s (default)
  log-limit: 1g (default)
  withheld, unless \`env.pass\` lists them: API_TOKEN (\`redact\`)
`);
  });

  test('--json is the task with the sources of its settings', async () => {
    const { out } = await ask(explain, { args: ['types'], json: true });
    expect(JSON.parse(out)).toMatchObject({
      task: { id: 'types', mode: 'soft', sources: { mode: 'file', run: 'gate' } },
    });
  });

  test('of no task, of two, or of an unknown one ends with 2', async () => {
    expect(await ask(explain)).toMatchObject({ exit: 2, out: '' });
    expect(await ask(explain, { args: ['types', 'tests'] })).toMatchObject({ exit: 2, out: '' });
    expect((await ask(explain, { args: ['tpyes'] })).err).toContain('did you mean `types`?');
  });
});
