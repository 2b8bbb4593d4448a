// The pages for people are held to the product: what they tell to type is typed, what they show is compared, what they
// point to is there. How a block is held stands behind it in the page: `<!-- checked: … -->`.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_FLAGS } from '../../src/cli/command-flags.ts';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { anchorsOf, blocksOf, commandsOf, linksOf, shapeOf, type Block } from './docs/page.ts';
import { Places, root } from './docs/places.ts';
import { folderWith, gateRun } from './rig.ts';

const PAGE_LIMIT_MS = 3 * 60_000;
const PAGES = [
  'README.md',
  'RUNBOOK.md',
  'CONTRIBUTING.md',
  ...under('docs'),
  ...under('examples', 'README.md'),
];
const HAS_JQ = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'jq')));

function under(folder: string, file?: string): readonly string[] {
  const names = readdirSync(join(root, folder)).map((name) =>
    [folder, name, file ?? ''].filter(Boolean).join('/'),
  );
  return names.filter((name) => name.endsWith('.md'));
}

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

// One a line: each page that comes is a line of its own.
const TYPED_PAGES = [
  'README.md',
  'RUNBOOK.md',
  'docs/ARCHITECTURE.md',
  'docs/baseline.md',
  'docs/cache.md',
  'docs/champion.md',
  'docs/metrics.md',
  'docs/ladder.md',
  'docs/protect.md',
  'docs/secrets.md',
  'docs/resources.md',
  'docs/isolation.md',
  'docs/writes.md',
  'docs/statistics.md',
  'docs/thresholds.md',
];

test.each(TYPED_PAGES)(
  'what %s tells people to type and shows them is so',
  { timeout: PAGE_LIMIT_MS },
  async (page) => {
    const blocks = blocksOf(textOf(page));
    expect(blocks.length).toBe((textOf(page).match(/^```/gm)?.length ?? 0) / 2);
    const places = new Places();
    for (const block of blocks) await held(block, places, `${page}:${block.line}`);
    if (!HAS_JQ) console.warn(`${page}: jq is not on PATH, so its lines were not tried`);
  },
);

type Hold = (block: Block, places: Places, where: string, ...words: string[]) => Promise<void>;

const HOLDS: readonly (readonly [RegExp, Hold])[] = [
  [/^run in (\w+)$/, typed],
  [/^screen of `(.+)` in (\w+)$/, shown],
  [/^file (\S+) in (\w+)$/, written],
  [/^whole config (\S+) in (\w+)$/, alone],
  [/^equals (\S+)$/, equal],
  [/^lines of a config in (\w+)$/, added],
  [/^run by (\S+)$/, runElsewhere],
  [/^not run, .+; its (?:last )?command is tried in (\w+)$/, tried],
];

async function held(block: Block, places: Places, where: string): Promise<void> {
  for (const [pattern, hold] of HOLDS) {
    const words = pattern.exec(block.checked ?? '');
    if (words) return hold(block, places, where, ...words.slice(1));
  }
  throw new Error(`${where}: no comment behind this block says how it is held (${block.checked ?? 'none'})`);
}

async function typed({ text }: Block, places: Places, where: string, name = ''): Promise<void> {
  const place = await places.at(name);
  const lines = commandsOf(text);
  const goes = lines[0]?.text.startsWith('cd ') === true ? lines[0].text : undefined;
  for (const line of goes === undefined ? lines : lines.slice(1)) {
    if (!HAS_JQ && line.text.includes('jq ')) continue;
    // What a clone is told to write stays out of it.
    const command = line.text.replace('-C examples/package', `-C ${place.folder.path}`);
    const { code, said } = place.type(goes === undefined ? command : `${goes} && ${command}`);
    expect(code, `${where}: ${line.text}\n${said}`).toBe(line.exit);
    // A question to the ledger that finds nothing has been asked in the wrong words.
    if (line.text.startsWith('jq ')) expect(said, `${where}: ${line.text}`).not.toBe('');
  }
  if (!place.running) return;
  place.stop();
  expect((await place.running.ended).code, where).toBe(EXIT.stopped);
}

async function shown({ text }: Block, places: Places, where: string, line = '', name = ''): Promise<void> {
  const place = await places.at(name);
  expect(shapeOf(place.type(line).said), where).toEqual(shapeOf(text));
}

async function written({ text }: Block, places: Places, _: string, path = '', name = ''): Promise<void> {
  (await places.at(name)).folder.write(path, text);
}

/** A config that is all its folder needs: without problems, and green. */
async function alone({ text }: Block, places: Places, where: string, path = '', name = ''): Promise<void> {
  const { folder } = await places.at(name);
  folder.write(path, text);
  for (const words of [['check'], []]) {
    const { code, stdout, stderr } = await gateRun(folder, words);
    expect(code, `${where}: ${path}\n${stdout}${stderr}`).toBe(0);
  }
}

async function equal({ text }: Block, _: Places, where: string, path = ''): Promise<void> {
  expect(text, where).toBe(textOf(path));
}

async function added({ text }: Block, places: Places, where: string, name = ''): Promise<void> {
  const { folder } = await places.at(name);
  folder.write('loop.config.yaml', `${folder.read('loop.config.yaml')}${text}`);
  const checked = await gateRun(folder, ['check']);
  expect(checked.code, where + checked.stderr).toBe(0);
}

async function runElsewhere(_: Block, __: Places, where: string, file = ''): Promise<void> {
  expect(existsSync(join(root, file)), where).toBe(true);
}

/** The last command of a snippet in another tool's language. */
async function tried({ text }: Block, places: Places, where: string, name = ''): Promise<void> {
  const place = await places.at(name);
  if (!place.folder.has('loop.config.yaml')) await gateRun(place.folder, ['init']);
  const command = /(?:- run: |&& )(.+?)(?: >>.*)?\n*$/.exec(text)?.[1] ?? 'false';
  const { code, said } = place.type(command);
  expect(code, `${where}: ${command}\n${said}`).toBe(0);
}

test('the config on the first page has fifteen lines', () => {
  expect(textOf('examples/package/loop.config.yaml').trimEnd().split('\n')).toHaveLength(15);
});

test.each(PAGES)('every link of %s leads to a file and a heading that are there', (page) => {
  for (const target of linksOf(textOf(page))) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(existsSync(join(root, file)), `${page}: ${target}`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(textOf(file)), `${page}: ${target}`).toContain(anchor);
  }
});

test.each(['docs/ARCHITECTURE.md', 'CONTRIBUTING.md'])('every source file that %s names is there', (page) => {
  const named = Array.from(
    textOf(page).matchAll(/`([\w./-]+\.(?:ts|mjs|js|yaml))(?: [^`]*)?`/g),
    ([, path = '']) => path,
  );
  const whole = named.filter((path) => path.includes('/') && !/[A-Z]{3}/.test(path));
  expect(whole.length).toBeGreaterThan(8);
  expect(
    whole.filter((path) => !existsSync(join(root, 'src', path)) && !existsSync(join(root, path))),
  ).toEqual([]);
});

test.each(['README.md', 'RUNBOOK.md', 'docs/cli.md'])('%s knows every exit code', (page) => {
  const cells = Array.from(textOf(page).matchAll(/^\| (\d[\d, ]*) \|/gm), ([, codes = '']) =>
    codes.split(', '),
  );
  const codes = new Set(cells.flat().map(Number));
  expect(Object.values(EXIT).filter((code) => !codes.has(code))).toEqual([]);
});

/** Values that let a flag be tried without waiting for anything. */
const TRIED: Readonly<Record<string, string>> = {
  N: '1',
  FILE: 'none',
  SECONDS: '0',
  WORDS: 'passed',
  ORDER: 'count',
};

test.each(
  Object.entries(COMMAND_FLAGS).flatMap(([command, flags]) =>
    flags.map(({ name, value }) => [command, `--${name}`, value] as const),
  ),
)('the command %s knows its flag %s', async (command, name, value) => {
  const words = [name, ...(value === undefined ? [] : [TRIED[value] ?? value])];
  const folder = folderWith({
    'loop.config.yaml': 'version: 1\nname: a\nphases: { a: { gates: { b: { run: echo 1 } } } }\n',
  });
  const { code, stderr } = await gateRun(folder, [command, ...words]);
  expect(stderr).not.toMatch(/unknown/);
  // Of a gate that says no known-bad input nothing is proved.
  expect(name === '--prove' ? [3] : [0, 1, 2]).toContain(code);
});
