// The floors and doors of the house as data, and what breaks them. It reads no files.

import type { Import, Source } from './read.ts';

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** Types alone may come from here into any room: they are the border itself and leave nothing behind at run time. */
export const SHARED_TYPES: readonly string[] = ['ports.ts', 'core'];

/** Which rooms a room may import from, types included. A room is a folder of src, or one of the files beside them. */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  'ports.ts': ['core'],
  engine: ['engine', 'core', 'ports.ts'],
  system: ['system', 'core', 'ports.ts'],
  simulation: ['simulation', 'core', 'ports.ts'],
  views: ['views', 'core', 'ports.ts'],
  cli: ['cli', 'engine', 'system', 'simulation', 'views', 'core', 'ports.ts'],
  'main.ts': ['cli', 'core'],
  'index.ts': ['cli', 'engine', 'system', 'views', 'core', 'ports.ts'],
};

/** The files through which a library, or a part of Node that touches the world, may enter. A library without a door stays out. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@marcbachmann/cel-js': ['src/core/expression.ts'],
  execa: ['src/system/command.ts'],
  cosmiconfig: ['src/system/config-look.ts'],
  listr2: ['src/views/terminal.ts'],
  yaml: ['src/core/config/'],
  zod: ['src/core/config/', 'src/core/summary/output.ts', 'src/core/summary/answers/'],
  saxes: ['src/core/judge/xml.ts'],
  sarif: ['src/views/sarif.ts'],
  cron: ['src/system/schedule.ts'],
  'modern-tar': ['src/system/tar.ts'],
  uplot: ['src/system/plot-library.ts'],
  'node:child_process': ['src/system/launch.ts', 'src/system/pump.ts', 'src/system/detach.ts'],
  'node:sqlite': ['src/system/kernel-lock.ts'],
  'node:fs': ['src/system/'],
  'node:fs/promises': ['src/system/'],
};

/** Words that would let the world in past the ports. `room` is a prefix under src. */
export const FORBIDDEN: readonly { readonly room: string; readonly words: readonly string[] }[] = [
  {
    room: 'core/',
    words: [
      'process',
      'Date.now',
      'new Date()',
      'performance.now',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'Math.random',
      'crypto.randomUUID',
      'async',
    ],
  },
  {
    room: 'engine/',
    words: ['process', 'Date.now', 'new Date()', 'setTimeout', 'setInterval', 'Math.random'],
  },
  {
    room: 'simulation/',
    words: ['process', 'Date.now', 'new Date()', 'setTimeout', 'setInterval', 'Math.random'],
  },
];

/** What costs a start too much: nothing may load these before the first task runs, so main never reaches them statically. */
export const HEAVY: readonly string[] = [
  '@marcbachmann/cel-js',
  'execa',
  'cosmiconfig',
  'listr2',
  'yaml',
  'zod',
  'saxes',
  'cron',
  'modern-tar',
];

export function violations(sources: readonly Source[]): readonly Violation[] {
  return [...sources.flatMap((source) => [...fileViolations(source)]), ...heavyStarts(sources)];
}

function* fileViolations(source: Source): Generator<Violation> {
  const room = roomOf(source.path);
  const floor = FLOORS[room];
  if (floor === undefined) {
    yield { path: source.path, line: 1, what: `no floor is named for \`${room}\` (scripts/floors/rules.ts)` };
    return;
  }
  if (room === 'ports.ts' && source.code !== undefined) {
    yield { path: source.path, line: source.code, what: 'the ports hold code: they are interfaces only' };
  }
  for (const one of source.imports) {
    const what = one.target.startsWith('src/')
      ? ownImport(room, floor, one)
      : packageImport(source.path, room, one);
    if (what) yield { path: source.path, line: one.line, what };
  }
  yield* forbiddenWords(source);
}

function ownImport(room: string, floor: readonly string[], one: Import): string | undefined {
  const target = roomOf(one.target);
  if (floor.includes(target) || (one.kind === 'type' && SHARED_TYPES.includes(target))) return undefined;
  return `\`${room}\` imports from \`${target}\`: allowed are ${floor.join(', ')}`;
}

function packageImport(path: string, room: string, one: Import): string | undefined {
  if (!/^[@\w]/.test(one.target)) return `\`${one.target}\` leads out of src`;
  const library = libraryOf(one.target);
  const doors = DOORS[library];
  if (doors === undefined && library.startsWith('node:')) {
    return room === 'core' || room === 'ports.ts'
      ? `\`${room}\` imports \`${library}\`: it knows no Node`
      : undefined;
  }
  if (doors === undefined) return `\`${library}\` has no door (scripts/floors/rules.ts)`;
  const isDoor = doors.some((door) => (door.endsWith('/') ? path.startsWith(door) : path === door));
  return isDoor ? undefined : `\`${library}\` comes in through ${doors.join(', ')} only`;
}

function* forbiddenWords(source: Source): Generator<Violation> {
  const inside = source.path.replace(/^src\//, '');
  for (const { room, words } of FORBIDDEN) {
    if (!inside.startsWith(room)) continue;
    for (const { word, line } of source.words) {
      if (words.includes(word)) yield { path: source.path, line, what: `\`${word}\` in ${room}: ask a port` };
    }
  }
}

/** Follows value imports from main; dynamic ones load later and do not count. */
function* heavyStarts(sources: readonly Source[]): Generator<Violation> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<string>(['src/main.ts']);
  for (const path of seen) {
    for (const one of byPath.get(path)?.imports ?? []) {
      if (one.kind !== 'value') continue;
      if (one.target.startsWith('src/')) seen.add(one.target);
      else if (HEAVY.includes(libraryOf(one.target))) {
        yield {
          path,
          line: one.line,
          what: `\`${one.target}\` is loaded at every start; import it where it is used`,
        };
      }
    }
  }
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? path;
}

function libraryOf(target: string): string {
  if (target.startsWith('node:')) return target;
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? target);
}
