// Takes mistakes out of a config, one place at a time. What is gone is remembered by its words, since others may name them.

import { isMap } from '../is-map.ts';
import { nearest } from './nearest.ts';
import type { Path } from './problem.ts';
import { UNREADABLE } from './unreadable.ts';

/** In a list something must keep the place, or the paths of what follows would point elsewhere. */
const PLACEHOLDER = '…';
const METRIC = { count: 'x', better: 'higher' };
const THRESHOLD = { 'at-least': 0 };
const COMMANDS = ['run', 'uses', 'judges'];
/** Keys whose parts bound one another: one without the other would be a mistake of its own. */
const WHOLES: ReadonlySet<unknown> = new Set(['stall', 'retry']);

export class Repair {
  readonly root: object;
  /** Keys and texts of what was taken out. */
  readonly lost: Set<string> = new Set();

  constructor(value: object) {
    this.root = structuredClone(value);
  }

  /** A mistake that has the right shape: taken out where the rest would be called wrong for it in another place. */
  rule(path: Path, message: string): void {
    const reporter = path.indexOf('reporters') + 1;
    if (reporter > 0 && reporter <= 3 && path.length > reporter) {
      return this.#set(path.slice(0, reporter + 1), 'plain');
    }
    const length = taskLength(path);
    if (length === undefined) return;
    const [task, [key, name]] = [path.slice(0, length), path.slice(length)];
    if (/^this \w+ has nothing to run/.test(message)) this.#set([...task, 'run'], 'true');
    else if (message.startsWith('expected exactly one of') && key === 'uses') this.#unknownGate(task);
    else if (message.startsWith('expected exactly one of') && key === 'judges') this.#drop(path);
    else if (message.includes('is for gates: ') && key !== undefined) {
      this.#drop([...task, key]);
      this.#giveCommand(task);
    } else if (key === 'metrics' && name !== undefined) this.value(path);
    else if (key === 'labels' && name !== undefined) this.#drop([...task, key, name]);
  }

  unknownKey(path: Path, key: string): void {
    this.#drop([...path, key]);
    const length = taskLength(path);
    if (length !== path.length) return;
    const meant = nearest(key, ['uses', 'metrics', 'mode', 'run']);
    if (meant === 'uses' || meant === 'metrics') this.#unknownGate(path);
    if (meant === 'mode') this.#drop([...path, 'on-broken']);
  }

  /** A value that has not the shape that is expected at its place, or is missing there. */
  value(path: Path): void {
    const length = taskLength(path);
    if (length !== undefined) return this.#inTask(path.slice(0, length), path.slice(length));
    const [key] = path;
    const [list, variable] = key === 'profiles' ? path.slice(2) : path;
    if (list === 'vars' && variable !== undefined)
      return this.#unset(path.slice(0, path.indexOf('vars') + 2));
    if (this.#at(path) !== undefined) this.#drop(path);
    else if (path.length === 1 && key !== undefined && Object.hasOwn(REQUIRED, key)) {
      this.#set(path, structuredClone(REQUIRED[key]));
    } else this.#drop(path.slice(0, -1));
  }

  #inTask(task: Path, inner: Path): void {
    const [key, name] = inner;
    const here = [...task, ...inner.slice(0, 2)];
    if (key === undefined) {
      this.#drop(task);
      const gate = task[2] === 'gates' ? { uses: UNREADABLE } : {};
      this.#set(task, task[0] === 'phases' ? { run: 'true', ...gate } : {});
    } else if (key === 'uses') this.#unknownGate(task);
    else if (key === 'run') this.#set([...task, 'run'], 'true');
    else if (key === 'stages') this.#inStages([...task, 'stages'], inner.slice(1));
    else if (key === 'metrics') {
      if (name !== undefined) return this.#set(here, METRIC);
      this.#drop(here);
      this.#unknownGate(task);
    } else if (key === 'thresholds' && name !== undefined) this.#set(here, THRESHOLD);
    else if (WHOLES.has(key)) this.#drop([...task, key]);
    else {
      this.#drop(this.#at([...task, ...inner]) === undefined ? here.slice(0, -1) : [...task, ...inner]);
      if (key === 'mode') this.#drop([...task, 'on-broken']);
      if (key === 'judges') this.#giveCommand(task);
    }
  }

  #inStages(path: Path, [at, key, name]: Path): void {
    const stages = this.#at(path);
    if (at === undefined || !Array.isArray(stages)) return this.#set(path, [{ count: 1 }]);
    if (key !== undefined && key !== 'count') {
      if (name === undefined) return this.#drop([...path, at, key]);
      return this.#set([...path, at, key, name], THRESHOLD);
    }
    // One count that cannot be read leaves no order to the others.
    const climbing = stages.map((stage: unknown, index) => ({
      ...(isMap(stage) ? stage : {}),
      count: index + 1,
    }));
    this.#set(path, climbing);
  }

  /** The name stays, so that what is nearly called so is told so; its value is not known. */
  #unset(variable: Path): void {
    this.#drop(variable);
    this.#set(variable, { env: UNREADABLE });
  }

  #unknownGate(task: Path): void {
    this.#set([...task, 'uses'], UNREADABLE);
  }

  #giveCommand(task: Path): void {
    const held = this.#at(task);
    if (task[0] === 'phases' && isMap(held) && !COMMANDS.some((key) => Object.hasOwn(held, key))) {
      this.#set([...task, 'run'], 'true');
    }
  }

  #at(path: Path): unknown {
    let held: unknown = this.root;
    for (const part of path) held = isHolder(held) ? Reflect.get(held, part) : undefined;
    return held;
  }

  #set(path: Path, value: unknown): void {
    const parent = this.#at(path.slice(0, -1));
    const key = path.at(-1);
    if (isHolder(parent) && key !== undefined) Reflect.set(parent, key, value);
  }

  #drop(path: Path): void {
    const parent = this.#at(path.slice(0, -1));
    const key = path.at(-1);
    if (!isHolder(parent) || key === undefined || !Object.hasOwn(parent, key)) return;
    this.#lose(Reflect.get(parent, key));
    this.lost.add(String(key));
    if (Array.isArray(parent)) Reflect.set(parent, key, PLACEHOLDER);
    else Reflect.deleteProperty(parent, key);
  }

  #lose(value: unknown): void {
    if (typeof value === 'string') this.lost.add(value);
    if (!isHolder(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      this.lost.add(key);
      this.#lose(inner);
    }
  }
}

const REQUIRED: Readonly<Record<string, unknown>> = { version: 1, name: 'unnamed', phases: {} };

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** How much of a path names a task, its `defaults` or its override in a profile; undefined where it stands in none. */
function taskLength(path: Path): number | undefined {
  const [first, , list] = path;
  if (first === 'defaults') return 1;
  if (first === 'profiles' && list === 'defaults') return 3;
  const isInList = (first === 'phases' || first === 'profiles') && (list === 'steps' || list === 'gates');
  return isInList && path.length >= 4 ? 4 : undefined;
}
