// How each contestant is asked to do the same gates: its files, its command line. It measures nothing.

import { globSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Bench, Command } from './measure.ts';
import type { Peer } from './peers.ts';

export interface Contestant {
  readonly name: string;
  readonly command: Command;
  /** Slow ones run in every n-th round only. */
  readonly every: number;
  /** Before each run, outside the stopwatch. */
  readonly prepare?: () => void;
  /** After each run: what is wrong with what it left, if anything. */
  readonly check?: () => string | undefined;
}

export interface Setting {
  readonly bench: Bench;
  readonly peers: readonly Peer[];
  /** bin/gate-run.js of the build under test. */
  readonly gateRun: string;
  readonly isSmall: boolean;
}

interface Gate {
  readonly id: string;
  readonly run: string;
  readonly needs: readonly string[];
  /** Further keys of the gate in a config of gate-run. */
  readonly keys?: Readonly<Record<string, unknown>>;
}

interface GateRunOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** How many bytes of output the log must hold afterwards. */
  readonly keptBytes?: number;
}

/** Writes the same gates down for each contestant, in a folder of its own each. A peer that is missing gives an empty list. */
export function maker(setting: Setting, id: string, gates: readonly Gate[], jobs: number) {
  const folder = join(setting.bench.folder, id);
  mkdirSync(folder, { recursive: true });
  const has = (name: string): Peer | undefined =>
    setting.peers.find((peer) => peer.name === name && peer.program);
  const command = (
    argv: readonly string[],
    cwd = folder,
    env: Readonly<Record<string, string>> = {},
  ): Command => ({
    argv,
    cwd,
    env,
  });
  const place = (name: string, files: Readonly<Record<string, string>>): string => {
    const home = join(folder, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    }
    return home;
  };
  const peer = (
    name: string,
    every: number,
    files: Readonly<Record<string, string>>,
    args: readonly string[],
    env: (home: string) => Readonly<Record<string, string>>,
  ): readonly Contestant[] => {
    const found = has(name);
    if (!found?.program) return [];
    const home = place(name, files);
    return [{ name, every, command: command([found.program, ...args], home, env(home)) }];
  };
  return {
    folder,
    command,
    shell: (script: string): Contestant => ({ name: 'sh', every: 1, command: command(['sh', '-c', script]) }),
    floor: (args: readonly string[]): Contestant => ({
      name: setting.bench.hasC ? 'C, posix_spawn' : 'plain Node',
      every: 1,
      command: command([...setting.bench.floor, ...args]),
    }),
    gateRun: (options: GateRunOptions): readonly Contestant[] => [
      gateRunContestant(setting, place, gates, jobs, options),
    ],
    make: (flags: readonly string[] = []) =>
      peer('make', 1, { Makefile: makefile(gates) }, ['-s', `-j${jobs}`, ...flags], none),
    xargs: (script: string): readonly Contestant[] =>
      has('xargs') ? [{ name: 'xargs', every: 1, command: command(['sh', '-c', script]) }] : [],
    lefthook: (every = 1) =>
      peer(
        'lefthook',
        every,
        { 'lefthook.yml': lefthookYaml(gates), '.git/HEAD': GIT_HEAD, ...GIT },
        ['run', 'all'],
        none,
      ),
    wireit: (every = 1) =>
      peer('wireit', every, { 'package.json': wireitJson(gates) }, [], (home) => wireitEnv(home, jobs)),
    turbo: (every: number, { cache = false } = {}) =>
      peer(
        'turbo',
        every,
        turboFiles(gates, cache),
        ['run', 'g', ...(cache ? [] : ['--force']), `--concurrency=${jobs}`],
        () => TURBO_ENV,
      ),
  };
}

function gateRunContestant(
  setting: Setting,
  place: (name: string, files: Readonly<Record<string, string>>) => string,
  gates: readonly Gate[],
  jobs: number,
  options: GateRunOptions,
): Contestant {
  const tasks = gates.map(({ id, run, needs, keys }) => [
    id,
    { run, ...(needs.length > 0 && { needs }), ...keys },
  ]);
  const config = {
    version: 1,
    name: 'bench',
    jobs,
    ...options.config,
    phases: { all: { gates: Object.fromEntries(tasks) } },
  };
  const home = place('gate-run', { 'loop.config.yaml': stringify(config, { aliasDuplicateObjects: false }) });
  const shim = join(home, 'node_modules/.bin/gate-run');
  mkdirSync(dirname(shim), { recursive: true });
  rmSync(shim, { force: true });
  symlinkSync(setting.gateRun, shim);
  return {
    name: 'gate-run',
    every: 1,
    command: { argv: [shim], cwd: home, ...(options.env && { env: options.env }) },
    prepare: () => rmSync(join(home, '.gate-run'), { recursive: true, force: true }),
    check: () => keptProblem(home, options.keptBytes),
  };
}

function keptProblem(home: string, bytes: number | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const logs = globSync('.gate-run/cycles/*/*.log', { cwd: home }).map(
    (path) => statSync(join(home, path)).size,
  );
  const largest = Math.max(0, ...logs);
  return largest >= bytes ? undefined : `its log holds ${largest} of ${bytes} bytes`;
}

function makefile(gates: readonly Gate[]): string {
  const ids = gates.map((gate) => gate.id).join(' ');
  const rules = gates.map(({ id, run, needs }) => `${id}: ${needs.join(' ')}\n\t@${run}\n`);
  return `.PHONY: all ${ids}\nall: ${ids}\n${rules.join('')}`;
}

const none = (): Readonly<Record<string, string>> => ({});

const GIT_HEAD = 'ref: refs/heads/main\n';
const GIT: Readonly<Record<string, string>> = {
  '.git/config': '[core]\n\trepositoryformatversion = 0\n\tbare = false\n',
  '.git/objects/info/packs': '',
  '.git/refs/heads/.keep': '',
};

function lefthookYaml(gates: readonly Gate[]): string {
  return stringify({ all: { parallel: true, jobs: gates.map(({ id, run }) => ({ name: id, run })) } });
}

function wireitJson(gates: readonly Gate[]): string {
  const scripts = Object.fromEntries([['all', 'wireit'], ...gates.map(({ id }) => [id, 'wireit'])]);
  const tasks = gates.map(({ id, run, needs }) => [id, { command: run, dependencies: needs }]);
  return JSON.stringify({
    scripts,
    wireit: { all: { dependencies: gates.map(({ id }) => id) }, ...Object.fromEntries(tasks) },
  });
}

function wireitEnv(home: string, jobs: number): Readonly<Record<string, string>> {
  return {
    npm_lifecycle_event: 'all',
    npm_package_json: join(home, 'package.json'),
    npm_config_user_agent: 'npm',
    WIREIT_PARALLEL: String(jobs),
    WIREIT_CACHE: 'none',
  };
}

const TURBO_ENV: Readonly<Record<string, string>> = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

/** Turbo knows packages, not tasks of one: each gate becomes a workspace. */
function turboFiles(gates: readonly Gate[], cache: boolean): Readonly<Record<string, string>> {
  const packages = gates.map(({ id, run, needs }) => [
    `packages/${id}/package.json`,
    JSON.stringify({
      name: id,
      version: '1.0.0',
      scripts: { g: run },
      dependencies: Object.fromEntries(needs.map((need) => [need, '*'])),
    }),
  ]);
  return {
    'package.json': JSON.stringify({
      name: 'bench',
      private: true,
      packageManager: 'npm@11.0.0',
      workspaces: ['packages/*'],
    }),
    'turbo.json': JSON.stringify({ tasks: { g: { cache, dependsOn: ['^g'] } } }),
    ...Object.fromEntries(packages),
  };
}
