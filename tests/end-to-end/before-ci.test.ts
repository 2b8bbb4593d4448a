// What stands between a project and its servers: the action for GitHub, as its runner would carry it out, and the hook before a push.

import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { folderWith, loop, shell, type Ended, type Folder } from './rig.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

interface Step {
  readonly shell: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly [Step] };
}
const action: Action = parse(readFileSync(`${REPOSITORY}action.yml`, 'utf8'));
const [step] = action.runs.steps;

/** As GitHub's runner does it: expressions are put into `env`, the script is a file, and bash stops at the first error. */
function carryOut(
  folder: Folder,
  inputs: Readonly<Record<string, string>>,
  home = REPOSITORY.replace(/\/$/, ''),
): Promise<Ended> {
  const given = (expression: string): string => {
    const name = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1];
    if (name !== undefined) return inputs[name] ?? action.inputs[name]?.default ?? '';
    expect(expression).toBe('${{ github.action_path }}');
    return home;
  };
  folder.write('step.sh', step.run);
  folder.write('output', '');
  const env = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, given(value)]));
  return shell(folder, 'exec bash --noprofile --norc -eo pipefail step.sh', {
    ...env,
    GITHUB_OUTPUT: `${folder.path}/output`,
  });
}

function withOwn(folder: Folder): Folder {
  mkdirSync(`${folder.path}/node_modules/.bin`, { recursive: true });
  symlinkSync(`${REPOSITORY}bin/gate-run.js`, `${folder.path}/node_modules/.bin/gate-run`);
  return folder;
}

test('the action is a composite one, and no input stands in its script', () => {
  expect(action.runs.using).toBe('composite');
  expect(step.shell).toBe('bash');
  expect(step.run).not.toContain('${{');
  expect(Object.keys(action.inputs)).toEqual(['config', 'profile', 'args', 'working-directory']);
  expect(action.outputs['exit']?.value).toBe('${{ steps.run.outputs.exit }}');
});

test('the action runs the gate-run of the project, hands over its exit code, and takes inputs as words', async () => {
  const folder = withOwn(
    folderWith(loop('a: { run: "true" }\nb: { run: "exit 1" }', 'profiles: { quick: { skip: [b] } }')),
  );
  expect((await carryOut(folder, {})).code).toBe(1);
  expect(folder.read('output')).toBe('exit=1\n');
  const { code, stdout } = await carryOut(folder, {
    profile: 'quick',
    args: '--reporter\ntap=out/a $(touch pwned).tap\n',
  });
  expect(code, stdout).toBe(0);
  expect(folder.list('out')).toEqual(['a $(touch pwned).tap']);
  expect(folder.has('pwned')).toBe(false);
});

test('without a gate-run of its own a project gets the copy that the action is', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  const { code, stdout, stderr } = await carryOut(folder, { config: 'loop.config.yaml' });
  expect(code, stdout + stderr).toBe(0);
  expect(folder.read('output')).toBe('exit=0\n');
});

test('the exit code is handed over also where the copy cannot be made ready', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  const { code } = await carryOut(folder, {}, `${folder.path}/nowhere`);
  expect({ code, output: folder.read('output') }).toEqual({ code: 3, output: 'exit=3\n' });
});

test('the hook lets a push through whose gates are green, and refuses the other', async () => {
  const folder = folderWith();
  cpSync(`${REPOSITORY}examples/pre-push`, folder.path, { recursive: true });
  withOwn(folder);
  folder.write('.gitignore', 'node_modules\n.gate-run\n');
  folder.write('a.txt', 'fine\n');
  const git = (line: string) => shell(folder, `set -e\nexport GIT_CONFIG_NOSYSTEM=1\n${line}`);
  const commit = 'git add -A && git -c user.name=a -c user.email=a@b.c commit -q -m x';
  const begun = await git(
    `git init -q -b main . && git init -q --bare ../there && git remote add origin ../there && ${commit}`,
  );
  expect(begun.code, begun.stderr).toBe(0);
  cpSync(`${folder.path}/pre-push`, `${folder.path}/.git/hooks/pre-push`);
  chmodSync(`${folder.path}/.git/hooks/pre-push`, 0o755);

  const first = await git('git push -q -u origin main');
  expect(first.code, first.stderr + first.stdout).toBe(0);
  expect(folder.has('.gate-run/push/history.jsonl')).toBe(true);

  folder.write('a.txt', '<<<<<<< mine\n');
  const second = await git(`${commit} && git push -q`);
  expect(second.code).not.toBe(0);
  expect((await git('git rev-parse main')).stdout).not.toBe(
    (await git('git -C ../there rev-parse main')).stdout,
  );

  folder.write('a.txt', 'fine again\n');
  expect((await git(`${commit} && git push -q`)).code).toBe(0);
});
