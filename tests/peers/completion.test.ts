// The completion scripts in the shells that they are for; a shell that is not here is said out loud.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completionScript, SHELLS } from '../../src/cli/completion-scripts.ts';
import { COMMANDS, FLAGS } from '../../src/cli/flag-table.ts';

const BIN = fileURLToPath(new URL('../../bin/gate-run.js', import.meta.url));
const LOOP = `version: 1
name: story
phases: { check: { gates: { types: { run: echo 1 }, tests: { run: echo 2 } } } }
`;
const folder = mkdtempSync(join(tmpdir(), 'gate-run-shells-'));

beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  symlinkSync(BIN, join(folder, 'bin/gate-run'));
  writeFileSync(join(folder, 'loop.config.yaml'), LOOP);
  for (const shell of SHELLS) writeFileSync(join(folder, `completion.${shell}`), completionScript(shell));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(shell: string, args: readonly string[]): readonly string[] {
  const { status, stdout, stderr, error } = spawnSync(shell, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
    env: {
      HOME: folder,
      TERM: 'xterm',
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    },
  });
  expect({ status, stderr, error }).toEqual({ status: 0, stderr: '', error: undefined });
  return stdout.split('\n').filter((line) => line !== '');
}

function isHere(shell: string): boolean {
  const found = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!found) console.warn(`${shell} is not on PATH: its completion was not tried`);
  return found;
}

describe('bash', () => {
  const offered = (...words: readonly string[]): readonly string[] => {
    const typed = ['gate-run', ...words].map((word) => `'${word}'`).join(' ');
    return run('bash', [
      '--norc',
      '-c',
      `source completion.bash; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _gate_run; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]);
  };

  test('offers every flag, every command, the tasks of the folder, and the words of a flag', () => {
    if (!isHere('bash')) return;
    expect(offered('--')).toEqual(expect.arrayContaining(FLAGS.map(({ name }) => `--${name}`)));
    expect(offered('')).toEqual(
      expect.arrayContaining([...COMMANDS.map(({ name }) => name), 'types', 'tests']),
    );
    expect(offered('--overlap', 'r')).toEqual(['replace']);
    expect(offered('--skip', 'ty')).toEqual(['types']);
    expect(offered('run', 'te')).toEqual(['tests']);
    expect(offered('--jobs', '3', 'sched')).toEqual(['schedule']);
    expect(offered('stop', '--u')).toEqual(['--undo']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
    expect(offered('-c', 'loop.c')).toEqual(['loop.config.yaml']);
    expect(offered('--jobs', '')).toEqual([]);
    expect(offered('restore', 'loop.c')).toEqual(['loop.config.yaml']);
    expect(offered('report', '--file', 'loop.c')).toEqual(['loop.config.yaml']);
    expect(offered('check', '--lock', 'loop.c')).toEqual(['loop.config.yaml']);
    expect(offered('schedule', '--to', 'b')).toEqual(['bin']);
    expect(offered('restore', '--f')).toContain('--force');
  });

  test('finds its way behind a value that is joined to its flag', () => {
    if (!isHere('bash')) return;
    // As bash splits them at a prompt.
    expect(offered('--config', '=', 'loop.config.yaml', 'ty')).toEqual(['types']);
    expect(offered('--json', '=', 'lines', 'stop', '--u')).toEqual(['--undo']);
    expect(offered('--overlap', '=', 'r')).toEqual(['replace']);
    expect(offered('--overlap', '=')).toEqual(offered('--overlap', ''));
    expect(offered('--config', '=', 'loop.c')).toEqual(['loop.config.yaml']);
    expect(offered('--json', '=')).toEqual([]);
    expect(offered('report', '--file', '=', 'loop.c')).toEqual(['loop.config.yaml']);
  });

  test('is ready behind the line that the script names', () => {
    if (!isHere('bash')) return;
    expect(run('bash', ['--norc', '-c', 'eval "$(gate-run completion bash)"; complete -p gate-run'])).toEqual(
      ['complete -F _gate_run gate-run'],
    );
  });
});

/** A real prompt on a pseudo-terminal: what stands there when Tab and Enter were pressed. */
const AT_A_PROMPT = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; unsetopt beep; autoload -U compinit; compinit -u -D; eval "$(command gate-run completion zsh)"'
zpty -w z 'gate-run() { if [[ $1 == completion ]]; then command gate-run "$@"; else print -r -- "GOT:$*:"; fi }; print READY$((1+1))'
zpty -r -m z text '*READY2*'
for line in $'gate-run --overl\\trep\\t' $'gate-run ty\\t' $'gate-run stop --un\\t' $'gate-run --skip te\\t' $'gate-run -c loop.c\\t' $'gate-run restore loop.c\\t' $'gate-run report --file loop.c\\t'; do
  zpty -w z "$line"
  zpty -r -m z text '*GOT:*:*' && print -r -- "\${\${text##*GOT:}%%:*}"
done
zpty -d z
`;

test('zsh completes at a prompt', () => {
  if (!isHere('zsh')) return;
  writeFileSync(join(folder, 'prompt.zsh'), AT_A_PROMPT);
  expect(run('zsh', ['-f', 'prompt.zsh']).map((line) => line.trim())).toEqual([
    '--overlap replace',
    'types',
    'stop --undo',
    '--skip tests',
    '-c loop.config.yaml',
    'restore loop.config.yaml',
    'report --file loop.config.yaml',
  ]);
});

test('fish offers flags with what they do, commands and tasks', () => {
  if (!isHere('fish')) return;
  const offered = (line: string): readonly string[] =>
    run('fish', ['--no-config', '-c', `source completion.fish; complete -C '${line}'`]);
  expect(offered('gate-run --overl')[0]).toMatch(/^--overlap\twhile another run is under way/);
  expect(offered('gate-run --overlap r')[0]).toMatch(/^replace\t/);
  expect(offered('gate-run ty')).toEqual(['types\ttask']);
  expect(offered('gate-run sched')[0]).toMatch(/^schedule\t/);
  expect(offered('gate-run stop --un')[0]).toMatch(/^--undo/);
  expect(offered('gate-run restore loop.c')).toEqual(['loop.config.yaml']);
  expect(offered('gate-run report --file loop.c')).toEqual(['loop.config.yaml']);
  expect(offered('gate-run --').map((line) => line.split('\t')[0])).toEqual(
    expect.arrayContaining(FLAGS.map(({ name }) => `--${name}`)),
  );
});

test('to ask for tasks runs no code of the folder: a config in code has none to offer', () => {
  const place = mkdtempSync(join(tmpdir(), 'gate-run-cloned-'));
  const tasks = (...words: readonly string[]): { status: number | null; stdout: string } => {
    const asked = spawnSync(process.execPath, [BIN, 'completion', 'tasks', ...words], {
      cwd: place,
      encoding: 'utf8',
    });
    expect(asked.stderr).toBe('');
    return { status: asked.status, stdout: asked.stdout };
  };
  const nothing = { status: 2, stdout: '' };
  const code = `require('node:fs').writeFileSync(${JSON.stringify(join(place, 'ran'))}, ''); module.exports = {};`;
  writeFileSync(join(place, 'loop.config.js'), code);
  expect(tasks()).toEqual(nothing);
  expect(tasks('-c', 'loop.config.js')).toEqual(nothing);
  rmSync(join(place, 'loop.config.js'));
  // What cosmiconfig takes its own settings from.
  mkdirSync(join(place, '.config'));
  writeFileSync(join(place, '.config/config.cjs'), code);
  writeFileSync(join(place, '.looprc.yaml'), LOOP);
  expect(tasks()).toEqual(nothing);
  expect(existsSync(join(place, 'ran'))).toBe(false);
  expect(tasks('-c', '.looprc.yaml')).toEqual({ status: 0, stdout: 'types\ntests\n' });
  rmSync(place, { recursive: true });
});

test('a folder without a config offers no task, and no word of a mistake', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'completion', 'tasks'], {
    cwd: '/',
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: '' });
  expect(
    spawnSync(process.execPath, [BIN, 'completion', 'tcsh'], { cwd: folder, encoding: 'utf8' }).stderr,
  ).toContain('bash, zsh, fish');
});
