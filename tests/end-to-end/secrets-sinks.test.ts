// One secret in everything that a loop says, and then every file and stream that came of it is searched for it.

import { gunzipSync } from 'node:zlib';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOKENS } from '../unit/judge/tokens.ts';
import { begin, folderWith, gateRun, until, type Ended, type Folder } from './rig.ts';

const [, GITHUB = ''] = TOKENS[0] ?? [];
const KEY = TOKENS.find(([name]) => name === 'private-key')?.[1] ?? '';
const VALUE = 'hunter2-hunter2';

/** What people must not find, whole or begun. */
const LEAKS: readonly (readonly [what: string, text: string])[] = [
  ['the value', VALUE],
  ['the token', GITHUB],
  ['the begun token', GITHUB.slice(0, 16)],
  ['the key', KEY.split('\n')[2] ?? ''],
];

const CONFIG = `version: 1
name: story
goal: "win with {{vars.said}}"
vars: { said: { env: SAID }, known: { env: MY_TOKEN, default: none } }
jobs: 1
reporters: [plain, { junit: out/junit.xml }, { tap: out/all.tap }, { sarif: out/all.sarif }, { code-quality: out/quality.json }, { report: out/report.md }, { github: auto }]
state: { snapshots: { every: 1 } }
hooks:
  before-cycle: [sh, -c, 'echo "$0 $1" > /dev/null; cat note >&2; exit 1', "{{vars.said}}", "{{vars.known}}"]
  on-exit: [sh, -c, 'echo "$0 $1 $2" > hook', "{{goal}}", "{{vars.said}}", "{{vars.known}}"]
marks: { reached: { level: critical, all: { cycles: 1 } } }
phases:
  start: { at: start, gates: { ready: { run: "true" } } }
  work:
    steps:
      agent: { run: [sh, -c, 'cat note; echo "$0"', "{{vars.said}} {{vars.known}}"] }
  check:
    policy: keep-going
    gates:
      says: { run: [sh, -c, 'cat note; echo "error: $0"; exit 1', "{{vars.said}}"], mode: soft }
      apart: { run: [sh, -c, 'cat note; cat note >&2; exit 1'], mode: soft, metrics: { m: { regex: 'x(?<value>\\\\d+)', in: stderr } } }
      measures: { run: [cat, note], mode: soft, on-broken: soft, metrics: { m: { json: note.json, at: /text } }, labels: { l: { json: note.json, at: /text }, o: { regex: 'key (?<value>.+)' } } }
      missing: { run: "no-such-{{vars.said}}-{{vars.known}}", mode: soft, on-broken: soft }
      sims: { run: [sh, -c, 'cat note; cat note >&2; exit 1', "{{seed}}"], per: seed, mode: soft, on-broken: soft, metrics: { y: { better: higher } }, stages: [{ count: 2 }] }
`;

const NOTE = `key ${GITHUB}\nvalue ${VALUE} and ${VALUE}${GITHUB}\n${KEY}\n`;

interface Setting {
  readonly env: Readonly<Record<string, string>>;
  readonly leaks: typeof LEAKS;
}

/** Without a hidden variable tasks write straight to their logs, with one through the pump. */
const SETTINGS: readonly (readonly [name: string, setting: Setting])[] = [
  ['tokens alone, in logs that tasks write themselves', { env: { SAID: GITHUB }, leaks: LEAKS.slice(1) }],
  [
    'a value and tokens, through the pump',
    { env: { SAID: `${GITHUB} ${VALUE}`, MY_TOKEN: VALUE }, leaks: LEAKS },
  ],
];

const OWN: ReadonlySet<string> = new Set(['note', 'note.json', 'loop.config.yaml']);

describe.each(SETTINGS)('[B19] %s', (_name, { env, leaks }) => {
  const start = { env: { ...env, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' } };

  test(
    'reach no file and no stream of a run, nor of any command about it',
    { timeout: 120_000 },
    async () => {
      const folder = folderWith({
        'loop.config.yaml': CONFIG,
        note: NOTE,
        'note.json': JSON.stringify({ text: NOTE }),
      });
      const said = new Map<string, Ended>();
      const say = async (...words: string[]): Promise<void> => {
        said.set(words.join(' '), await gateRun(folder, words, start));
      };
      await say('--iterations', '1');
      await say('-v', '--iterations', '1');
      await say('--json=lines', '--iterations', '1');
      await say('--json');
      await say('says', 'measures');
      for (const words of COMMANDS) await say(...words);
      expect(said.get('logs 1 says')?.stdout).toContain('***github-token***');
      expect(said.get('logs 1 says')?.stdout).toContain('***private-key***');
      expect(said.get('--iterations 1')?.stdout).toContain('***github-token***');
      expect(folder.read('.gate-run/history.jsonl')).toContain('***github-token***');
      expect(folder.read('out/junit.xml')).toContain('***github-token***');
      expect(folder.read('hook')).toContain('***github-token***');
      const texts = [
        ...textsIn(folder),
        ...[...said].map(([words, { stdout, stderr }]) => [`gate-run ${words}`, stdout + stderr] as const),
      ];
      expect(texts.length).toBeGreaterThan(30);
      const found = texts.flatMap(([where, text]) =>
        leaks.filter(([, leak]) => text.includes(leak)).map(([what]) => `${what} in ${where}`),
      );
      expect(found).toEqual([]);
    },
  );
});

const COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['status', '--json'],
  ['history'],
  ['history', '--json'],
  ['logs', '1'],
  ['logs', '1', 'says'],
  ['logs', '1', 'says', '--tail', '2'],
  ['logs', '1', 'apart', '--stderr'],
  ['logs', '1', 'sims'],
  ['questions'],
  ['questions', '--json'],
  ['report'],
  ['report', '--json'],
  ['explain', '--cycle', '1'],
  ['explain', '--cycle', '1', '--json'],
  ['explain', 'says'],
  ['plan'],
  ['plan', '--json'],
  ['plan', '--diff'],
  ['doctor'],
  ['verify'],
  ['backup', 'out/backup.tar.gz'],
];

/** Of every file below the folder but what the story itself wrote; what is packed is unpacked. */
function textsIn(folder: Folder): readonly (readonly [path: string, text: string])[] {
  return readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
    .filter((path) => !OWN.has(path) && statSync(join(folder.path, path)).isFile())
    .map((path) => {
      const bytes = readFileSync(join(folder.path, path));
      return [path, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')] as const;
    });
}

test('[B19] a token that is printed in two halves is on no screen while its task still runs', async () => {
  const half = Math.floor(GITHUB.length / 2);
  const script = `printf 'key %s' ${GITHUB.slice(0, half)}; sleep 0.7; printf '%s\\n' ${GITHUB.slice(half)}; touch printed; while [ ! -e go ]; do sleep 0.1; done`;
  const folder = folderWith({
    'loop.config.yaml': `version: 1\nname: story\nphases: { p: { gates: { a: { run: [sh, script.sh] } } } }\n`,
    'script.sh': script,
  });
  const run = begin(folder, ['-v']);
  const follows = begin(folder, ['logs', '--follow'], {});
  await until('it printed', () => folder.has('printed'));
  const looked = await gateRun(folder, ['logs', '1', 'a']);
  folder.write('go', '');
  const [ran, followed] = [await run.ended, await follows.ended];
  expect(looked.stdout).toContain('key ***github-token***');
  expect(ran.stdout).toContain('key ***github-token***');
  const all = [looked, ran, followed].map(({ stdout, stderr }) => stdout + stderr).join('');
  expect(all).not.toContain(GITHUB.slice(0, 12));
  expect(folder.read('.gate-run/cycles/000001/p.a.1.log')).toBe(
    `# gate-run a attempt 1\nkey ***github-token***${'*'.repeat(GITHUB.length - 18)}\n`.replace(
      '# gate-run a attempt 1',
      folder.read('.gate-run/cycles/000001/p.a.1.log').split('\n')[0] ?? '',
    ),
  );
});
