// `resources` of a task: what it may use at most, and how it shares the machine with other tasks.

import type { Scalar } from '../config/config.ts';
import type { ResourcesConfig } from '../config/holding-config.ts';
import type { Path } from '../config/problem.ts';
import { formatSize, parseCount, parseCpus, parseSize } from '../config/quantity.ts';
import type { Reader } from './reader.ts';

/** Of a limit that is absent there is none. */
export interface ResourcesPlan extends LimitsPlan {
  /** By name and without repetitions: who takes several takes them in this order, so that no two can wait for each other. */
  readonly locks: readonly string[];
  /** Places of `jobs`. */
  readonly weight: number;
}

/** What a task may use at most. */
export interface LimitsPlan {
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly pids?: number;
  readonly openFiles?: number;
  readonly fileSizeBytes?: number;
  readonly cpuTimeMs?: number;
}

/** What a machine has. Only a start and `doctor` know one. */
export interface MachineFacts {
  /** Undefined: it does not say. */
  readonly memoryBytes: number | undefined;
  readonly cores: number;
  readonly pids: number | undefined;
}

/** A task that says nothing of its resources. */
export const NO_RESOURCES: ResourcesPlan = { locks: [], weight: 1 };

/** Less than any program needs: whoever writes `memory: 8` means `8g`. */
const LEAST_MEMORY = 1_048_576;
const SECOND_MS = 1000;
/** What a start itself has open already. */
const LEAST_FILES = 8;
const MAX_WEIGHT = 10_000;
const MOST_LOCKS = 16;
/** It becomes the name of a file. */
const LOCK_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

export function readResources(
  written: ResourcesConfig | undefined,
  reader: Reader,
  machine: (() => MachineFacts) | undefined,
): ResourcesPlan {
  if (written === undefined) return NO_RESOURCES;
  const home = new Home(reader);
  const limits: LimitsPlan = {
    ...is('memoryBytes', home.limit(written.memory, 'memory', MEMORY)),
    ...is('cpus', home.limit(written.cpus, 'cpus', CPUS)),
    ...is('pids', home.limit(written.pids, 'pids', PIDS)),
    ...is('openFiles', home.limit(written['open-files'], 'open-files', OPEN_FILES)),
    ...is('fileSizeBytes', home.limit(written['file-size'], 'file-size', FILE_SIZE)),
    ...is('cpuTimeMs', cpuTime(written['cpu-time'], reader)),
  };
  if (machine) refuseTooMuch(limits, reader, machine);
  return { ...limits, locks: locksOf(written.lock, reader), weight: weightOf(written.weight, reader) };
}

/** Undefined: it may use what there is. */
export function limitsOf(resources: ResourcesPlan | undefined): LimitsPlan | undefined {
  if (resources === undefined) return undefined;
  const { locks: _locks, weight: _weight, ...limits } = resources;
  return Object.keys(limits).length > 0 ? limits : undefined;
}

interface Kind {
  readonly parse: (text: string) => number | undefined;
  readonly least: number;
  /** "`x` is no …". */
  readonly what: string;
  readonly mend: string;
}

const SIZE_MEND = 'write a number with its unit: 512m, 8g; or `never`';
const MEMORY: Kind = {
  parse: parseSize,
  least: LEAST_MEMORY,
  what: 'size of memory from 1m on',
  mend: SIZE_MEND,
};
const FILE_SIZE: Kind = { parse: parseSize, least: 1, what: 'size above zero', mend: SIZE_MEND };
const CPUS: Kind = {
  parse: parseCpus,
  least: 0.01,
  what: 'number of CPUs',
  mend: 'such as 2 or 0.5; or `never`',
};
const PIDS: Kind = {
  parse: parseCount,
  least: 1,
  what: 'whole number from 1 on',
  mend: 'such as 512; or `never`',
};
const OPEN_FILES: Kind = {
  parse: parseCount,
  least: LEAST_FILES,
  what: `whole number from ${LEAST_FILES} on`,
  mend: 'such as 1024; or `never`',
};

/** Reads what stands in the one map. */
class Home {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  limit(written: Scalar | undefined, key: string, { parse, least, what, mend }: Kind): number | undefined {
    const text = written === undefined ? undefined : this.#reader.text(written, pathOf(key));
    if (text === undefined || text === 'never') return undefined;
    const parsed = parse(text);
    if (parsed !== undefined && parsed >= least) return parsed;
    this.#reader.say(pathOf(key), `\`${text}\` is no ${what}`, { mend });
    return undefined;
  }
}

/** The kernel counts it in whole seconds. */
function cpuTime(written: string | undefined, reader: Reader): number | undefined {
  const ms = reader.limit(written, pathOf('cpu-time'), 'never');
  if (ms === 'never') return undefined;
  if (ms % SECOND_MS === 0) return ms;
  reader.say(pathOf('cpu-time'), 'CPU time is counted in whole seconds', {
    mend: 'write such as 90s or 10m',
  });
  return undefined;
}

function weightOf(written: Scalar | undefined, reader: Reader): number {
  return reader.count(written, pathOf('weight'), { from: 1, to: MAX_WEIGHT, otherwise: 1 });
}

function locksOf(written: ResourcesConfig['lock'], reader: Reader): readonly string[] {
  if (written === undefined) return [];
  const isOne = typeof written === 'string';
  const names = (isOne ? [written] : written).map((name, at) => {
    const path = isOne ? pathOf('lock') : [...pathOf('lock'), at];
    const text = reader.text(name, path);
    if (text !== undefined && !LOCK_NAME.test(text))
      reader.say(path, `\`${text}\` is no name of a lock`, {
        mend: 'a letter, then at most 62 letters, digits, `.`, `_` and `-`',
      });
    return text ?? '';
  });
  if (names.length > MOST_LOCKS)
    reader.say(pathOf('lock'), `more than ${MOST_LOCKS} locks`, {
      mend: 'name what several of them stand for',
    });
  return [...new Set(names)].toSorted();
}

/** A limit that can never be reached is a slip, or written for another machine. */
function refuseTooMuch(limits: LimitsPlan, reader: Reader, machine: () => MachineFacts): void {
  const { memoryBytes, cpus, pids } = limits;
  if (memoryBytes === undefined && cpus === undefined && pids === undefined) return;
  const has = machine();
  const say = (key: string, written: string, most: string) =>
    reader.say(pathOf(key), `\`${written}\` is more than this machine has: ${most}`, {
      mend: 'write less, or `never` where this machine need not be held to it',
    });
  if (memoryBytes !== undefined && has.memoryBytes !== undefined && memoryBytes > has.memoryBytes)
    say('memory', formatSize(memoryBytes), mebibytes(has.memoryBytes));
  if (cpus !== undefined && cpus > has.cores) say('cpus', String(cpus), `${has.cores}`);
  if (pids !== undefined && has.pids !== undefined && pids > has.pids)
    say('pids', String(pids), `${has.pids}`);
}

const MIB = 1_048_576;

/** Rounded down, so that what is written in its place fits. */
function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}m`;
}

function pathOf(key: string): Path {
  return ['resources', key];
}

function is<Key extends keyof LimitsPlan>(
  key: Key,
  value: number | undefined,
): Pick<LimitsPlan, Key> | object {
  return value === undefined ? {} : { [key]: value };
}
