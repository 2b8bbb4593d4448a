// One secret in everything that a loop says, and then every file and stream that came of it is searched for it.

import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOKENS } from '../unit/judge/tokens.ts';
import { begin, folderWith, gateRun, until, type Ended, type Folder } from './rig.ts';

const BIN = new URL('../../bin/gate-run.js', import.meta.url).pathname;
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

describe.each(SETTINGS)('[B19] [G16] %s', (_name, { env, leaks }) => {
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
      console.log(
        `figure: ${texts.length} files and streams of a run and of ${COMMANDS.length} commands, 0 leaks`,
      );
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

test('[B19] half of a token is on no screen, also not while the other half is still to come', async () => {
  const half = Math.floor(GITHUB.length / 2);
  const folder = folderWith({
    'loop.config.yaml': `version: 1\nname: story\nphases: { p: { gates: { a: { run: [sh, script.sh] } } } }\n`,
    'script.sh': `printf 'key %s' ${GITHUB.slice(0, half)}; touch printed; while [ ! -e go ]; do sleep 0.1; done; echo ${GITHUB.slice(half)}`,
  });
  const run = begin(folder, []);
  await until('it printed', () => folder.has('printed'));
  const { stdout } = await gateRun(folder, ['logs', '1', 'a']);
  folder.write('go', '');
  expect((await run.ended).code).toBe(0);
  expect(stdout).toMatch(/\nkey $/);
});

test('[B19] a token is not on a terminal, in the live view and behind it', () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1\nname: story\nphases: { p: { gates: { a: { run: [sh, -c, 'cat note; sleep 2.5; exit 1'] } } } }\n`,
    note: `the key is ${GITHUB}`,
  });
  const env = { PATH: process.env['PATH'], HOME: folder.home, TERM: 'xterm', LANG: 'C.UTF-8' };
  const command = `stty cols 120 rows 24; ${process.execPath} ${BIN}`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: folder.path,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(stdout).toContain('the key is ***github-token***');
  expect(stdout).not.toContain(GITHUB.slice(0, 12));
});

const PIN = "Zq7mRk'29XvLp4TtYw";
const PIN_PIECES = Array.from({ length: PIN.length - 7 }, (_, at) => PIN.slice(at, at + 8));
const PEM = KEY.split('\n');

test('[B19] a value that is torn, written otherwise or the name of something reaches nothing either', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: story
redact: [PIN, PLAIN_PIN]
vars: { pin: { env: PIN }, plain: { env: PLAIN_PIN } }
defaults: { mode: soft, on-broken: soft, env: { pass: ["*", PIN] } }
protect: ["kept/**"]
jobs: 1
reporters: [plain, { junit: out/junit.xml }, { tap: out/all.tap }, { report: out/report.md }, { github: auto }]
phases:
  work:
    policy: keep-going
    gates:
      quoted: { run: [sh, -c, 'exit 1', "{{vars.pin}}", "${PIN}"] }
      torn: { run: [sh, torn.sh] }
      waits: { run: "true", resources: { lock: "of-{{vars.plain}}" } }
      slow: { run: [sh, slow.sh], timeout: 1s, kill-after: 1s }
      sims: { run: [sh, sims.sh, "{{seed}}"], per: seed, metrics: { edge: { regex: 'v=(?<value>.*)', in: "v-{{seed}}.txt" } }, stages: [{ count: 1 }] }
      worker: { run: [sh, worker.sh], per: worker, metrics: { edge: { better: higher } }, stages: [{ count: 1 }] }
      writes: { run: [sh, writes.sh] }
`,
    'torn.sh': String.raw`printf 'error: %s\033[31m%s\033[0m\n' "$(printf %s "$PIN" | cut -c1-9)" "$(printf %s "$PIN" | cut -c10-)"; exit 1`,
    'slow.sh': 'cp "$(command -v sleep)" "./$PIN"; "./$PIN" 30',
    'sims.sh': 'echo "v=$PIN" > "v-$1.txt"',
    'worker.sh': `read line; printf '%1980s' '' >&2; echo "fatal: $PIN $(printf '%3000s' '' | tr ' ' y)" >&2; exit 3`,
    'writes.sh': `echo n > "kept/of-$PIN"; sed -i 6s/M/N/ kept/key`,
    'kept/key': Array(12).fill(PEM[2]).toSpliced(0, 0, PEM[0]).join('\n'),
  });
  const start = {
    env: { PIN, PLAIN_PIN: 'Wq8sKd83mmTz', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' },
  };
  const said = new Map<string, Ended>();
  const commands = [
    ['status'],
    ['history', '--json'],
    ['explain', '--cycle', '1'],
    ['explain', 'quoted'],
    ['plan'],
    ['logs', '1'],
  ];
  for (const words of [[], ...commands]) said.set(words.join(' '), await gateRun(folder, words, start));
  expect(said.get('')?.stdout).toContain('torn');
  expect(said.get('explain --cycle 1')?.stdout).toContain('kept/of-***PIN***');
  // A log holds its bytes as they came; \`protect\` knows its files by their names and keeps copies of them.
  const own =
    /^(?:.*\.sh|loop\.config\.yaml|kept\/.*|v-0\.txt|Zq7[^/]*|\.gate-run\/protected\/.*|\.gate-run\/cycles\/000001\/work\.torn\.1\.log)$/;
  const texts = [
    ...textsIn(folder).filter(([path]) => !own.test(path)),
    ...[...said].map(([words, { stdout, stderr }]) => [`gate-run ${words}`, stdout + stderr] as const),
  ];
  const pieces = [...PIN_PIECES, PEM[2] ?? '', 'Wq8sKd83'];
  const found = texts.flatMap(([where, text]) =>
    pieces.filter((one) => text.includes(one)).map((one) => `${one} in ${where}`),
  );
  expect(found).toEqual([]);
});

test('[B19] a problem in a config shows no token and no value that stands in its words or its frame', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1\nname: story\nredact: [PIN]\nvars: { limit: { env: MY_TOKEN }, pin: { env: PIN } }\nphases: { p: { gates: { a: { run: "echo ${GITHUB}", timeuot: 1s }, b: { run: "true", timeout: "{{vars.limit}}" }, c: { run: "true", timeout: "{{vars.pin}}" } } } }\n`,
  });
  const start = { env: { MY_TOKEN: VALUE, PIN, GITHUB_ACTIONS: 'true' } };
  for (const words of [[], ['check'], ['check', '--json'], ['plan'], ['plan', '--json'], ['doctor']]) {
    const { stdout, stderr } = await gateRun(folder, words, start);
    expect(stdout + stderr, words.join(' ')).not.toMatch(
      new RegExp(`${VALUE}|${PIN}|${GITHUB.slice(0, 16)}`),
    );
    if (words.length === 1 && words[0] === 'check') expect(stderr).toContain('***MY_TOKEN***');
  }
});

test('[B19] a token that stands in a command itself is in nothing that is recorded of it', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: story
phases:
  p:
    policy: keep-going
    gates:
      a: { run: [sh, -c, 'kill -9 $$', "${GITHUB}"] }
      sims: { run: [sh, -c, 'exit 1', "{{seed}}", "${GITHUB}"], per: seed, metrics: { y: { better: higher } }, stages: [{ count: 2 }] }
`,
  });
  await gateRun(folder);
  const log = folder.read('.gate-run/cycles/000001/p.a.1.log');
  expect(log).toContain('***github-token***');
  const texts = textsIn(folder);
  expect(texts.map(([path]) => path)).toContain('.gate-run/cycles/000001/p.a.1.forensics.json');
  expect(texts.filter(([, text]) => text.includes(GITHUB.slice(0, 12))).map(([path]) => path)).toEqual([]);
});

describe('[B19] a log that nobody looked through', () => {
  const cycleLog = '.gate-run/cycles/000001/p.a.1.log';
  const config = (script: string, top = ''): Readonly<Record<string, string>> => ({
    'loop.config.yaml': `version: 1\nname: story\n${top}phases: { p: { gates: { a: { run: [sh, -c, '${script}'] } } } }\n`,
    note: `${GITHUB}\n`,
  });
  const long =
    'cat note; head -c 17000000 /dev/zero | tr "\\0" x; echo; cat note; head -c 17000000 /dev/zero | tr "\\0" y';

  test('because gate-run was killed is covered by the next start', async () => {
    const folder = folderWith(config('cat note; touch printed; [ -e again ] || sleep 60'));
    const { child, ended } = begin(folder);
    await until('it printed', () => folder.has('printed'));
    child.kill('SIGKILL');
    await ended;
    expect(folder.read(cycleLog)).toContain(GITHUB);
    folder.write('again', '');
    expect((await gateRun(folder)).code).toBe(0);
    expect(folder.read(cycleLog)).toContain('***github-token***');
    expect(folder.read(cycleLog)).not.toContain(GITHUB);
  });

  test('because it is long is covered by the loop itself', { timeout: 60_000 }, async () => {
    const folder = folderWith(config(long));
    expect((await gateRun(folder, ['--iterations', '1'])).code).toBe(0);
    expect(folder.read(cycleLog).includes(GITHUB)).toBe(false);
    expect(folder.has('.gate-run/cycles/uncovered')).toBe(false);
  });

  test('of a single cycle: by a backup and by the next start', { timeout: 60_000 }, async () => {
    const folder = folderWith(config(long));
    await gateRun(folder);
    expect(folder.read(cycleLog).includes(GITHUB)).toBe(true);
    const looked = await gateRun(folder, ['logs', '1', 'a', '--tail', '1']);
    expect(looked.stdout.includes(GITHUB)).toBe(false);
    await gateRun(folder, ['backup', 'backup.tar.gz']);
    expect(gunzipSync(readFileSync(join(folder.path, 'backup.tar.gz'))).includes(GITHUB)).toBe(false);
    folder.write('loop.config.yaml', folder.read('loop.config.yaml').replace(/'cat.*y'/, "'true'"));
    await gateRun(folder);
    expect(folder.read(cycleLog).includes(GITHUB)).toBe(false);
    expect(folder.has('.gate-run/cycles/uncovered')).toBe(false);
  });
});
