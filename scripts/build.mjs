// Builds dist: the command's bundle, and with it (unless --bundle-only) the library's modules and types.
// Each file is made elsewhere and renamed into place, the stamp last, so that a run beside it never sees half a build.

import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executedIn } from './ready/executed.mjs';
import { BUNDLE, STAMP, sourceKey } from './ready/built.mjs';
import { requireNode, supportedRange } from './require-node.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

async function build({ bundleOnly, clean }) {
  requireNode(supportedRange());
  // Taken first: a source that changes during the build makes the stamp stale, never wrong.
  const key = sourceKey(root);
  mkdirSync(join(root, 'out'), { recursive: true });
  const made = mkdtempSync(join(root, 'out/build-'));
  try {
    const [, types] = await Promise.all([bundle(made, key), bundleOnly ? 0 : compile(join(made, 'library'))]);
    if (types !== 0) return types;
    if (!bundleOnly) replaceLibrary(join(made, 'library'));
    replaceBundle(join(made, BUNDLE), key, { clean });
    return 0;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The help stands alone: it is answered without loading what runs gates. */
async function bundle(made, key) {
  // As deep below a package.json as where it will lie, because it is run from here once.
  const folder = join(made, BUNDLE);
  await Promise.all([
    write(folder, { input: { main: join(root, 'src/main.ts') }, key, codeSplitting: ONE_HOT_FILE }),
    write(folder, { input: { help: join(root, 'src/cli/help.ts') }, key }),
  ]);
  copyFileSync(join(root, 'package.json'), join(made, 'package.json'));
  await compileAtOnce(folder, join(made, 'learned'));
}

const HOT = 'run';

/**
 * Whatever a run needs before its first task is one file: each file more costs a start 0.1 to 0.4 ms. What a command
 * does not need (yaml, zod, listr2 …) stands behind dynamic imports and becomes files of its own.
 */
const ONE_HOT_FILE = { groups: [{ name: HOT, tags: ['$initial'] }] };

/** Behind minifying, which would take the parentheses away again. */
async function compileAtOnce(folder, learned) {
  const { eager } = await import('./ready/eager.mjs');
  const file = filesUnder(folder).find((name) => name.startsWith(`${HOT}-`));
  const path = join(folder, file);
  writeFileSync(path, plainExports(readFileSync(path, 'utf8')));
  const places = executedIn(file, { main: join(folder, 'main.cjs'), folder: learned });
  writeFileSync(path, eager(readFileSync(path, 'utf8'), places));
}

const GETTER =
  /Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:!0,get:function\(\)\{return ?([^`{}]+|`[^`\\]*`)\}\}\)[,;]?/;
const LAST_GETTERS = new RegExp(`(?:${GETTER.source})+\\s*$`);

/**
 * What other chunks take from the hot one is handed over by value and at once: a getter for each of hundreds of names costs a start a
 * millisecond. They stand at the end of the file, where all values are made, and no module exports what it changes later (`export let`).
 */
function plainExports(code) {
  return code.replace(LAST_GETTERS, (getters) => {
    const pairs = getters.matchAll(new RegExp(GETTER, 'g')).map(([, name, value]) => `${name}:${value}`);
    return `Object.assign(exports,{${[...pairs].join(',')}});`;
  });
}

/** CommonJS, because Node starts it measurably faster than modules and its compile cache holds more of it. */
async function write(dir, { input, key, ...output }) {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    input,
    platform: 'node',
    // What a build keeps from run to run counts for that build alone.
    transform: { define: { 'process.env.GATE_RUN_BUILD': JSON.stringify(key) } },
    logLevel: 'warn',
  });
  await built.write({
    ...output,
    dir,
    format: 'cjs',
    minify: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  });
  await built.close();
}

function compile(outDir) {
  return new Promise((resolve) => {
    const args = ['-p', 'tsconfig.build.json', '--outDir', outDir];
    const tsc = spawn(join(root, 'node_modules/.bin/tsc'), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    tsc.once('error', () => resolve(1));
    tsc.once('close', (code) => resolve(code ?? 1));
  });
}

function replaceLibrary(from) {
  const files = filesUnder(from);
  for (const file of files) moveInto(join(from, file), join(root, 'dist', file));
  const kept = new Set(files);
  for (const file of filesUnder(join(root, 'dist'))) {
    if (!kept.has(file) && !file.startsWith('bundle/')) rmSync(join(root, 'dist', file));
  }
}

/**
 * Chunks are named by what they hold, so the entries are the switch: chunks first, entries, stamp. The chunks of the
 * build before stay for one more build, because a run that started from it may still load one of them; `--clean`, for
 * packing, takes them away.
 */
function replaceBundle(from, key, { clean }) {
  const to = join(root, BUNDLE);
  const before = clean ? [] : namesOf(join(root, STAMP));
  const names = filesUnder(from).toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  const files = names.map((name) => [name, statSync(join(from, name)).size]);
  for (const name of names) moveInto(join(from, name), join(to, name));
  const stamp = join(from, 'stamp.json');
  writeFileSync(stamp, `${JSON.stringify({ key, files })}\n`);
  moveInto(stamp, join(root, STAMP));
  const kept = new Set(['stamp.json', ...names, ...before]);
  for (const name of filesUnder(to)) if (!kept.has(name)) rmSync(join(to, name));
}

function isEntry(name) {
  return name === 'main.cjs' || name === 'help.cjs';
}

function namesOf(stamp) {
  try {
    return JSON.parse(readFileSync(stamp, 'utf8')).files.map(([name]) => name);
  } catch {
    return [];
  }
}

function moveInto(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

process.exitCode = await build({
  bundleOnly: process.argv.includes('--bundle-only'),
  clean: process.argv.includes('--clean'),
});
