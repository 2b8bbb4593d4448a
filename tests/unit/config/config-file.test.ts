import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as ConfigFileDoor from '../../../src/system/config-file.ts';
import { findAnyConfig, findPlainConfig } from '../../../src/system/config-search.ts';

const GOOD = 'version: 1\nname: x\nphases: { p: { gates: { g: { run: make } } } }\n';
const GATE = 'about: a\ntool: b\nrun: [make]\nsamples: []\n';
const JSON_CONFIG =
  '{ "version": 1, "name": "x", "phases": { "p": { "gates": { "g": { "run": "make" } } } } }';
const ROOT = join(import.meta.dirname, '../../..');

let folder = '';
let cacheFolder = '';

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gate-run-config-')));
  cacheFolder = join(folder, 'cache');
});

afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The door as a build with this name has it. */
function door(build = 'build-1'): Promise<typeof ConfigFileDoor> {
  vi.stubEnv('GATE_RUN_BUILD', build === 'none' ? undefined : build);
  vi.resetModules();
  return import('../../../src/system/config-file.ts');
}

function write(name: string, text: string | Uint8Array = GOOD): void {
  fs.mkdirSync(dirname(join(folder, name)), { recursive: true });
  fs.writeFileSync(join(folder, name), text);
}

async function messages(request: { folder?: string; explicit?: string } = {}): Promise<readonly string[]> {
  const { loadConfig } = await door();
  const loaded = await loadConfig({ folder, cacheFolder, ...request });
  return 'problems' in loaded
    ? loaded.problems.map(({ file, message }) => `${file ?? ''}: ${message}`)
    : ['fine'];
}

test('a config is found beside and above, and named as people would name it', async () => {
  write('loop.config.yaml');
  write('deep/er/note.txt', '');
  const { loadConfig } = await door();
  expect(await loadConfig({ folder, cacheFolder })).toMatchObject({
    file: 'loop.config.yaml',
    folder,
    text: GOOD,
    config: { name: 'x' },
  });
  expect(await loadConfig({ folder: join(folder, 'deep'), cacheFolder })).toMatchObject({
    file: '../loop.config.yaml',
    folder,
  });
});

test('no config: where it was looked for, and what to do', async () => {
  const { findConfig } = await door();
  const found = await findConfig(folder);
  expect('problems' in found && found.problems).toEqual([
    {
      message: `no loop.config.yaml (or .yml, .json, .ts, .js, .mjs) in ${folder} or a folder above it`,
      mend: '`gate-run init` writes a first one; `-c FILE` names one elsewhere',
    },
  ]);
});

test.each([
  [['loop.config.yaml', 'loop.config.yml'], 'loop.config.yaml, loop.config.yml'],
  [['loop.config.yaml', '.looprc.json'], 'loop.config.yaml, .looprc.json'],
  [['loop.config.json', '.config/looprc.yaml'], 'loop.config.json, .config/looprc.yaml'],
])('two configs in one folder are both named: %s', async (names, said) => {
  for (const name of names) write(name, JSON_CONFIG);
  expect(await messages()).toEqual([`: 2 configs in one folder: ${said}`]);
});

test('`-c` names a config anywhere, and says when there is none', async () => {
  write('loop.config.yaml');
  write('other/mine.yaml', GOOD.replace('name: x', 'name: mine'));
  const { loadConfig } = await door();
  expect(await loadConfig({ folder, explicit: 'other/mine.yaml', cacheFolder })).toMatchObject({
    file: 'other/mine.yaml',
    folder: join(folder, 'other'),
    config: { name: 'mine' },
  });
  expect(await messages({ explicit: 'gone.yaml' })).toEqual(['gone.yaml: there is no such file']);
  expect(await messages({ explicit: 'other' })).toEqual(['other: there is no such file']);
});

test.each([
  ['loop.config.yml', GOOD],
  ['loop.config.json', JSON_CONFIG],
  ['.looprc', GOOD],
  ['.looprc.json', JSON_CONFIG],
  ['.config/looprc.yaml', GOOD],
  ['package.json', `{ "name": "p", "loop": ${JSON_CONFIG} }`],
  ['loop.config.mjs', `export default ${JSON_CONFIG};`],
  ['loop.config.js', `export default ${JSON_CONFIG};`],
])('%s is a config', async (name, text) => {
  write(name, text);
  expect(await messages()).toEqual(['fine']);
});

test('a package.json that only speaks of a loop is none', async () => {
  write('package.json', '{ "name": "p", "keywords": ["loop"] }');
  expect((await messages())[0]).toMatch(/^: no loop.config.yaml/);
});

test('a config in TypeScript is loaded by stripping its types, and helped by `defineConfig`', () => {
  const index = JSON.stringify(join(ROOT, 'src/index.ts'));
  write(
    'loop.config.ts',
    `import { defineConfig } from ${index};\nconst name: string = 'typed';\nexport default defineConfig({ version: 1, name, phases: { p: { gates: { g: { run: 'make' } } } } });\n`,
  );
  const script = `import { loadConfig } from ${JSON.stringify(join(ROOT, 'src/system/config-file.ts'))};
    console.log((await loadConfig({ folder: ${JSON.stringify(folder)} })).config.name);`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(printed).toBe('typed\n');
});

test.each([
  ['throw new Error("sick");', 'loop.config.mjs: it could not be loaded: Error: sick'],
  ['export const a = 1;', 'loop.config.mjs: there is no default export'],
  ['export default { version: 1 };', 'loop.config.mjs: missing key `name`'],
])('a config in code that is no good says so: %s', async (text, said) => {
  write('loop.config.mjs', text);
  expect((await messages())[0]).toBe(said);
});

test('bytes that are no UTF-8, a folder and a file of many megabytes are refused', async () => {
  write('loop.config.yaml', new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]));
  expect(await messages()).toEqual(['loop.config.yaml: this is not UTF-8']);
  write('loop.config.yaml', 'x'.repeat(5_000_000));
  expect(await messages()).toEqual(['loop.config.yaml: the file has 4883 KiB; a config may have 256 KiB']);
  fs.rmSync(join(folder, 'loop.config.yaml'));
  fs.mkdirSync(join(folder, 'loop.config.yaml'));
  expect(await messages()).toEqual(['loop.config.yaml: this is no file']);
});

test('one look and cosmiconfig find the same config', async () => {
  const { look } = await import('../../../src/system/config-look.ts');
  const names = [
    'loop.config.yaml',
    'loop.config.yml',
    'loop.config.json',
    'loop.config.ts',
    'loop.config.js',
    'loop.config.mjs',
  ];
  for (const name of names) {
    write(name, '');
    write('inner/package.json', '{}');
    for (const from of [folder, join(folder, 'inner')]) {
      const plain = findPlainConfig(from);
      expect(plain).toEqual({ hits: [join(folder, name)] });
      expect(await findAnyConfig(from, look)).toEqual(plain);
    }
    fs.rmSync(join(folder, name));
  }
  expect(await findAnyConfig(folder, look)).toEqual(findPlainConfig(folder));
});

test('what was checked once is answered without waiting, until a byte or the build changes', async () => {
  write('loop.config.yaml');
  const first = await door();
  expect(first.loadConfigCached({ folder, cacheFolder })).toBeUndefined();
  const loaded = await first.loadConfig({ folder, cacheFolder });
  expect(first.loadConfigCached({ folder, cacheFolder })).toEqual(loaded);
  write('loop.config.yaml', GOOD.replace('make', 'mika'));
  expect(first.loadConfigCached({ folder, cacheFolder })).toBeUndefined();
  write('loop.config.yaml', GOOD);
  expect((await door('build-2')).loadConfigCached({ folder, cacheFolder })).toBeUndefined();
});

test('sources without a build keep nothing', async () => {
  write('loop.config.yaml');
  const { loadConfig } = await door('none');
  await loadConfig({ folder, cacheFolder });
  expect(fs.existsSync(cacheFolder)).toBe(false);
});

test('a config with problems is never kept', async () => {
  write('loop.config.yaml', 'version: 2\n');
  expect((await messages()).length).toBeGreaterThan(0);
  expect(fs.existsSync(cacheFolder)).toBe(false);
});

test('an entry with a flipped byte, a cut one and an empty one are no entries', async () => {
  write('loop.config.yaml');
  const { loadConfig, loadConfigCached } = await door();
  await loadConfig({ folder, cacheFolder });
  const [name = ''] = fs.readdirSync(cacheFolder);
  const entry = join(cacheFolder, name);
  const whole = fs.readFileSync(entry);
  for (let at = 0; at < whole.length; at += 1) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    fs.writeFileSync(entry, flipped);
    expect(loadConfigCached({ folder, cacheFolder }), `byte ${at}`).toBeUndefined();
    fs.writeFileSync(entry, whole.subarray(0, at));
    expect(loadConfigCached({ folder, cacheFolder }), `cut at ${at}`).toBeUndefined();
  }
});

test('a cache folder that cannot be written costs nothing but time', async () => {
  write('loop.config.yaml');
  write('file', '');
  const { loadConfig } = await door();
  for (const cache of [join(folder, 'file'), join(folder, 'file/below'), undefined]) {
    expect(await loadConfig({ folder, cacheFolder: cache })).toMatchObject({ config: { name: 'x' } });
  }
});

test('the cache folder is the one of the desktop standard, or none', async () => {
  const { cacheFolder: folderOf } = await door();
  expect(folderOf({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toBe('/c/gate-run');
  expect(folderOf({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/gate-run');
  expect(folderOf({})).toBeUndefined();
});

test('a gate comes from the loop first, then from the library, else from nowhere', async () => {
  write('gates/must-exist.yaml', GATE);
  const { loadGate, loadGateCached, ownGates } = await door();
  expect(ownGates(folder)).toEqual(['must-exist']);
  expect(await loadGate({ name: 'must-exist', folder, cacheFolder })).toMatchObject({
    from: 'loop',
    file: 'gates/must-exist.yaml',
    gate: { about: 'a' },
  });
  expect(loadGateCached({ name: 'must-exist', folder, cacheFolder })).toMatchObject({ from: 'loop' });
  expect(await loadGate({ name: 'must-not-exist', folder, cacheFolder })).toMatchObject({ from: 'library' });
  expect(await loadGate({ name: 'no-such-gate', folder, cacheFolder })).toBeUndefined();
  expect(await loadGate({ name: '../loop.config', folder, cacheFolder })).toBeUndefined();
});

test('a gate file with problems carries its text for the frame', async () => {
  write('gates/mine.yaml', `${GATE}mode: soft\n`);
  const { loadGate } = await door();
  const loaded = await loadGate({ name: 'mine', folder, cacheFolder });
  expect(loaded).toMatchObject({ problems: [{ file: 'gates/mine.yaml' }] });
  expect(loaded !== undefined && 'texts' in loaded && loaded.texts.get('gates/mine.yaml')).toContain(
    'mode: soft',
  );
});
