// Holds the sources to the floors and doors of the house, and the check itself to planted violations.

import { describe, expect, test } from 'vitest';
import { treeViolations } from '../../scripts/floors.ts';
import { readSource } from '../../scripts/floors/read.ts';
import { DOORS, FLOORS, FORBIDDEN, HEAVY, SHARED_TYPES, violations } from '../../scripts/floors/rules.ts';

const root = new URL('../../', import.meta.url).pathname;

function found(path: string, text: string): readonly string[] {
  return violations([readSource(path, text)]).map((one) => `${one.line} ${one.what}`);
}

const fileOf = (room: string): string => (room.endsWith('.ts') ? `src/${room}` : `src/${room}/a.ts`);
const nameOf = (room: string, target: string): string =>
  `${room.endsWith('.ts') ? './' : '../'}${target.endsWith('.ts') ? target : `${target}/b.ts`}`;
const forms = (name: string): readonly string[] => [
  `import { b } from '${name}';`,
  `import type { B } from '${name}';`,
  `export * from '${name}';`,
  `export { b } from '${name}';`,
  `const b = import('${name}');`,
  `type B = import('${name}').B;`,
];

describe('the sources', () => {
  test('keep to the floors and doors', () => {
    const { files, found } = treeViolations(root);
    expect(files).toBeGreaterThan(5);
    expect(found.map((one) => `${one.path}:${one.line} ${one.what}`)).toEqual([]);
  });
});

describe('the check sees', () => {
  const rooms = Object.keys(FLOORS);
  const forbidden = rooms.flatMap((room) => rooms.map((target) => ({ room, target })));

  test.each(forbidden.filter(({ room, target }) => !FLOORS[room]?.includes(target)))(
    'each form of import from $room to $target',
    ({ room, target }) => {
      for (const text of forms(nameOf(room, target))) {
        const isType = text.startsWith('import type') || text.startsWith('type');
        if (isType && SHARED_TYPES.includes(target)) continue;
        const what = `1 \`${room}\` imports from \`${target}\``;
        expect(found(fileOf(room), text), text).toContainEqual(expect.stringContaining(what));
      }
    },
  );

  test.each(forbidden.filter(({ room, target }) => FLOORS[room]?.includes(target)))(
    'nothing wrong with types from $target in $room',
    ({ room, target }) => {
      expect(found(fileOf(room), `import type { B } from '${nameOf(room, target)}';`)).toEqual([]);
    },
  );

  test.each(Object.keys(DOORS))('%s beside its door', (library) => {
    for (const text of [`import x from '${library}';`, `const x = import('${library}');`]) {
      expect(found('src/views/elsewhere.ts', text)).toContainEqual(
        expect.stringContaining('comes in through'),
      );
    }
  });

  test.each(Object.entries(DOORS))('nothing wrong with %s in its door', (library, doors) => {
    for (const door of doors) {
      const path = door.endsWith('/') ? `${door}a.ts` : door;
      expect(found(path, `import x from '${library}';`)).toEqual([]);
    }
  });

  test('a library without a door, a deep path of one, and a way out of src', () => {
    expect(found('src/views/a.ts', "import x from 'left-pad';")).toEqual([
      expect.stringContaining('`left-pad` has no door'),
    ]);
    expect(found('src/views/a.ts', "import x from '@scope/left/pad';")).toEqual([
      expect.stringContaining('`@scope/left` has no door'),
    ]);
    expect(found('src/cli/a.ts', "import x from '../../tests/x.ts';")).toHaveLength(1);
  });

  test('Node in the core and in the ports', () => {
    for (const path of ['src/core/a.ts', 'src/ports.ts']) {
      expect(found(path, "import type { x } from 'node:path';")).toEqual([
        expect.stringContaining('knows no Node'),
      ]);
    }
  });

  const uses: Readonly<Record<string, string>> = {
    process: 'const x = process.env;',
    'Date.now': 'const x = Date.now();',
    'new Date()': 'const x = new Date();',
    'performance.now': 'const x = performance.now();',
    setTimeout: 'setTimeout(() => 1, 2);',
    setInterval: 'setInterval(() => 1, 2);',
    setImmediate: 'const later = setImmediate;',
    queueMicrotask: 'queueMicrotask(() => 1);',
    'Math.random': 'const x = { y: Math.random() };',
    'crypto.randomUUID': 'const x = crypto.randomUUID();',
    async: 'export async function f(): Promise<void> {}',
  };
  test.each(FORBIDDEN.flatMap(({ room, words }) => words.map((word) => ({ room, word }))))(
    '$word in $room',
    ({ room, word }) => {
      expect(found(`src/${room}a.ts`, `\n${uses[word]}`)).toContainEqual(
        expect.stringContaining(`2 \`${word}\` in ${room}`),
      );
    },
  );

  test('every shape of async', () => {
    for (const text of [
      'const f = async () => 1;',
      'class A { async f() {} }',
      'const x = { async f() {} };',
      'await 1;',
    ]) {
      expect(found('src/core/a.ts', text)).toContainEqual(expect.stringContaining('`async`'));
    }
  });

  test('code in the ports', () => {
    for (const text of [
      'export const x = 1;',
      'export function f(): void {}',
      "import { x } from './core/x.ts';",
    ]) {
      expect(found('src/ports.ts', text)).toContainEqual(expect.stringContaining('interfaces only'));
    }
  });

  test.each(HEAVY)('%s on the way from main, however far', (library) => {
    const files = {
      'src/main.ts': "import { a } from './cli/a.ts';",
      'src/cli/a.ts': "import type { n } from './never.ts'; import { b } from '../core/config/b.ts';",
      'src/core/config/b.ts': `import x from '${library}';`,
    };
    const sources = Object.entries(files).map(([path, text]) => readSource(path, text));
    expect(violations(sources)).toContainEqual({
      path: 'src/core/config/b.ts',
      line: 1,
      what: expect.stringContaining('at every start'),
    });
    const lazy = { ...files, 'src/cli/a.ts': "export const b = () => import('../core/config/b.ts');" };
    const later = Object.entries(lazy).map(([path, text]) => readSource(path, text));
    expect(violations(later).filter((one) => one.what.includes('at every start'))).toEqual([]);
  });

  test('a room that no floor is named for', () => {
    expect(found('src/attic/a.ts', 'export const x = 1;')).toEqual([
      expect.stringContaining('no floor is named'),
    ]);
  });
});

test('comments, strings, keys, members and types are no words of code', () => {
  const text = `// process.exit() Date.now() async
    const a = 'process Math.random() setTimeout';
    const b = { process: 1, setTimeout: 2, async: 3 };
    interface C { readonly process: string; setInterval(): void }
    const d = b.process + b.setTimeout;
    const e = new Date(0).toISOString();
    const f = \`async \${a} await\`;`;
  expect(found('src/core/a.ts', text)).toEqual([]);
});
