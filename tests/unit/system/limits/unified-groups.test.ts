// A unified tree whose controllers are delegated, as it was seen on another machine: files, of which a kernel makes more than they are here.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  oomKillsBelow,
  UnifiedGroups,
  type OwnGroups,
} from '../../../../src/system/limits/unified-groups.ts';
import { GROUP } from '../../../../src/system/units/process-group.ts';

const MEMORY_EVENTS = 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Tree {
  readonly base: string;
  readonly own: OwnGroups;
  /** Where gate-run was moved to, in order. */
  readonly homes: string[];
}

function tree(controllers: string): Tree {
  const base = mkdtempSync(join(tmpdir(), 'gate-run-tree-'));
  made.push(base);
  const folder = join(base, 'gate-run.1.2.3.1');
  mkdirSync(folder);
  writeFileSync(join(base, 'cgroup.controllers'), controllers);
  const homes: string[] = [];
  const own = {
    folder,
    moveHome: (home: string) => void homes.push(home),
    moveBack: () => void homes.push('back'),
    unitIn: () => GROUP,
  };
  return { base, own, homes };
}

describe('a unified tree that is delegated', () => {
  test('is divided for what is needed, once gate-run is out of the way', () => {
    const { base, own, homes } = tree('cpuset cpu io memory pids\n');
    const { unheld, controllers } = UnifiedGroups.open(['memory', 'pids'], own, base);
    expect(unheld).toEqual({});
    expect(controllers).toEqual(['memory', 'pids']);
    expect(homes).toEqual([join(own.folder, 'home')]);
    for (const folder of [base, own.folder])
      expect(readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids');
  });

  test('holds an attempt in a group below the run, with no swap to flee to', () => {
    const { base, own } = tree('cpu memory pids\n');
    const { groups } = UnifiedGroups.open(['memory', 'cpu', 'pids'], own, base);
    const folder = groups?.make({ memoryBytes: 1024, cpus: 1.5, pids: 7 }) ?? '';
    expect(folder.startsWith(`${own.folder}/`)).toBe(true);
    const files = Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    expect(files).toEqual({
      'memory.max': '1024',
      'memory.swap.max': '0',
      'memory.oom.group': '1',
      'cpu.max': '150000 100000',
      'pids.max': '7',
    });
  });

  test('of a limit that the task does not have nothing is set', () => {
    const { base, own } = tree('cpu memory pids\n');
    const { groups } = UnifiedGroups.open(['memory', 'cpu', 'pids'], own, base);
    expect(readdirSync(groups?.make({ pids: 7 }) ?? '')).toEqual(['pids.max']);
  });

  test('is given back', () => {
    const { base, own } = tree('memory\n');
    const { groups } = UnifiedGroups.open(['memory'], own, base);
    groups?.close();
    for (const folder of [base, own.folder])
      expect(readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8')).toBe('-memory');
  });

  test('what it was not given is told, and the rest is held', () => {
    const { base, own } = tree('pids\n');
    const found = UnifiedGroups.open(['memory', 'pids'], own, base);
    expect(found.controllers).toEqual(['pids']);
    expect(found.unheld).toEqual({ memory: `${base} was given no controller \`memory\`` });
  });

  test('that cannot be divided is left as it was', () => {
    const { base, own, homes } = tree('memory\n');
    mkdirSync(join(base, 'cgroup.subtree_control'));
    const { groups, unheld } = UnifiedGroups.open(['memory'], own, base);
    expect(groups).toBeUndefined();
    expect(unheld).toEqual({ memory: `${base} cannot be divided (EISDIR)` });
    expect(homes).toEqual([join(own.folder, 'home'), 'back']);
    expect(existsSync(join(own.folder, 'home'))).toBe(false);
  });

  test('its counter tells the kills', () => {
    const { base } = tree('memory\n');
    expect(oomKillsBelow(base)).toBeUndefined();
    writeFileSync(join(base, 'memory.events'), MEMORY_EVENTS);
    expect(oomKillsBelow(base)).toBe(2);
  });
});
