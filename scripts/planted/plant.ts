// Applies planted bugs to a copy of the repository and answers whether the test each one names goes red.
// The repository itself is never touched.

import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export interface Planted {
  readonly patch: string;
  readonly file: string;
  readonly title: string;
}

export interface Result {
  readonly planted: Planted;
  readonly caught: boolean;
  /** One sentence for people. */
  readonly what: string;
}

/** Some tests draw nights anew each time, or depend on who comes first: one green run of them says little. */
const TRIES = 3;
const TEST_LIMIT_MS = 5 * 60_000;
const WHY_CHARACTERS = 500;
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Reads `# red: <test file> :: <part of the title>` from the first line of a patch. */
export function readPatch(path: string): Planted | string {
  const first = readFileSync(path, 'utf8').split('\n', 1)[0] ?? '';
  const named = /^# red: (\S+) :: (.+)$/.exec(first);
  if (!named?.[1] || !named[2]) return `${path}:1 must say \`# red: <test file> :: <part of the title>\``;
  return { patch: path, file: named[1], title: named[2].trim() };
}

/** A copy of the work tree as git knows it, uncommitted changes included, with the same node_modules. */
export function copyOfTree(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'gate-run-planted-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: OUTPUT_LIMIT_BYTES,
  });
  for (const path of listed.split('\0')) {
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Red with the bug, green without it: only both together prove that the test watches for this bug. */
export async function plant(copy: string, planted: Planted): Promise<Result> {
  const result = (caught: boolean, what: string): Result => ({ planted, caught, what });
  const before = await outcomes(copy, planted);
  if (before.failed > 0) return result(false, `the test is red without the bug as well: ${before.why}`);
  if (before.passed === 0)
    return result(false, `no test of that title passes without the bug (${before.note})`);
  const applied = await run('git', ['apply', '--whitespace=nowarn', planted.patch], copy);
  if (applied.code !== 0) return result(false, `the patch does not apply: ${firstLine(applied.text)}`);
  try {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      const after = await outcomes(copy, planted);
      if (after.failed > 0) return result(true, `${after.failed} red${tried > 1 ? `, at try ${tried}` : ''}`);
      if (after.passed === 0) return result(false, `nothing ran (${after.note})`);
    }
    return result(false, `the bug survives: the test is green, ${TRIES} times`);
  } finally {
    await run('git', ['apply', '--reverse', '--whitespace=nowarn', planted.patch], copy);
  }
}

export function removeCopy(copy: string): void {
  rmSync(copy, { recursive: true, force: true });
}

interface Outcomes {
  readonly passed: number;
  readonly failed: number;
  readonly note: string;
  /** Of the first one that failed: a night that was drawn is never drawn again. */
  readonly why: string;
}

/** Counts the named tests alone; a file that does not load counts as nothing, not as red. */
async function outcomes(copy: string, planted: Planted): Promise<Outcomes> {
  await rebuild(copy);
  const report = join(copy, `out/planted-${basename(planted.patch)}.json`);
  rmSync(report, { force: true });
  const args = [
    'run',
    planted.file,
    '-t',
    literal(planted.title),
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  const ran = await run(join(copy, 'node_modules/.bin/vitest'), args, copy);
  const note = firstLine(ran.text);
  if (!existsSync(report)) return { passed: 0, failed: 0, note, why: '' };
  const { numPassedTests, numFailedTests, testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
  const messages = testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ failureMessages = [] }) => failureMessages),
  );
  const why = (messages[0] ?? '').replaceAll(/\s+/g, ' ').slice(0, WHY_CHARACTERS);
  return { passed: numPassedTests, failed: numFailedTests, note, why };
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly failureMessages?: readonly string[] }[];
  }[];
}

/** Stories run the built command, so the bug has to reach it; a copy without a build script has nothing to rebuild. */
async function rebuild(copy: string): Promise<void> {
  const script = join(copy, 'scripts/build.mjs');
  if (existsSync(script)) await run(process.execPath, [script, '--bundle-only'], copy);
}

function literal(title: string): string {
  return title.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '');
  return (line ?? 'no output').trim().slice(0, 200);
}

function run(command: string, args: readonly string[], cwd: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const limits = {
      cwd,
      timeout: TEST_LIMIT_MS,
      maxBuffer: OUTPUT_LIMIT_BYTES,
      killSignal: 'SIGKILL' as const,
    };
    execFile(command, args, limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, text: `${stderr}\n${stdout}` });
    });
  });
}
