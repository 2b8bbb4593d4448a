// From a folder to the checked config and its gates, or to every problem. What was checked before is not checked again.
// The readers (yaml, zod) are loaded only when a file is new; TypeScript and JavaScript are never kept.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigFile, GateFile } from '../core/config/config.ts';
import type { CheckedConfig } from '../core/config/parse.ts';
import type { Checked, Problem } from '../core/config/problem.ts';
import type { Rest } from '../core/config/rest.ts';
import { findAnyConfig, findPlainConfig, type Found } from './config-search.ts';
import { keep, kept } from './parse-cache.ts';
import { packageFolder } from './self.ts';

export { cacheFolder } from './parse-cache.ts';

/** Larger files are refused by their size, before they are read. */
const MAX_BYTES = 4 * 1_048_576;
const CODE = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs']);
const DATA = new Set(['.yaml', '.yml', '.json']);
const GATE_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

export interface LoadRequest {
  /** Absolute; where the search starts. */
  readonly folder: string;
  /** `-c FILE`. */
  readonly explicit?: string | undefined;
  readonly cacheFolder?: string | undefined;
}

export interface LoadedConfig {
  /** As people would name it from where they stand. */
  readonly file: string;
  /** Absolute; paths in the config start here. */
  readonly folder: string;
  /** Absent for a config in code. */
  readonly text?: string;
  readonly config: ConfigFile;
}

export interface NotLoaded {
  readonly problems: readonly Problem[];
  /** By file as the problems name it. */
  readonly texts: ReadonlyMap<string, string>;
  /** No config was found at all. */
  readonly isNone?: true;
  /** What is left without the mistakes, to be checked further and never run. */
  readonly rest?: Pick<LoadedConfig, 'file' | 'folder' | 'config'> & Pick<Rest<ConfigFile>, 'explains'>;
}

export interface LoadedGate {
  readonly file: string;
  readonly text: string;
  readonly gate: GateFile;
  readonly from: 'loop' | 'library';
}

export interface GateRequest {
  readonly name: string;
  /** The folder of the config, absolute. */
  readonly folder: string;
  readonly cacheFolder?: string | undefined;
}

export async function loadConfig(request: LoadRequest): Promise<LoadedConfig | NotLoaded> {
  const cached = loadConfigCached(request);
  if (cached !== undefined) return cached;
  const found = await findConfig(request.folder, request.explicit);
  if ('problems' in found) return found;
  const { path, file } = found;
  const folder = dirname(path);
  if (CODE.has(extname(path))) return loadCode(path, { file, folder });
  const read = readText(path, file);
  if ('problems' in read) return read;
  const { checkConfig, parseConfig } = await import('../core/config/parse.ts');
  const { text } = read;
  if (path.endsWith('package.json')) {
    const checked = checkConfig(JSON.parse(text).loop, file);
    return checked.problems ? withRest(checked, { file, folder }) : { file, folder, config: checked.value };
  }
  const checked = parseConfig(text, file);
  if (checked.problems) return withRest(checked, { file, folder, text });
  keep({ cacheFolder: request.cacheFolder, path, text }, checked.value);
  return { file, folder, text, config: checked.value };
}

/** The same answer without waiting, when the config was checked before; undefined sends to `loadConfig`. */
export function loadConfigCached({ folder, explicit, cacheFolder }: LoadRequest): LoadedConfig | undefined {
  const found =
    explicit === undefined ? findPlainConfig(folder) : { hits: [resolve(folder, explicit)] as const };
  if (found === undefined || !('hits' in found)) return undefined;
  const [path] = found.hits;
  const file = nameFrom(folder, path);
  if (CODE.has(extname(path)) || path.endsWith('package.json')) return undefined;
  const read = readText(path, file);
  if ('problems' in read) return undefined;
  const json = kept({ cacheFolder, path, text: read.text });
  if (json === undefined) return undefined;
  const config: ConfigFile = JSON.parse(json);
  return { file, folder: dirname(path), text: read.text, config };
}

/** The one config that counts from a folder on. */
export async function findConfig(
  folder: string,
  explicit?: string,
): Promise<{ readonly path: string; readonly file: string } | NotLoaded> {
  if (explicit !== undefined) {
    const path = resolve(folder, explicit);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return { path, file: explicit };
    return notLoaded([
      { file: explicit, message: 'there is no such file', mend: '`-c` names a config file' },
    ]);
  }
  const found: Found =
    findPlainConfig(folder) ?? (await findAnyConfig(folder, (await import('./config-look.ts')).look));
  if ('nothingIn' in found) {
    const message = `no loop.config.yaml (or .yml, .json, .ts, .js, .mjs) in ${folder} or a folder above it`;
    const mend = '`gate-run init` writes a first one; `-c FILE` names one elsewhere';
    return { ...notLoaded([{ message, mend }]), isNone: true };
  }
  const [path, ...others] = found.hits;
  if (others.length === 0) return { path, file: nameFrom(folder, path) };
  const names = found.hits.map((hit) => nameFrom(folder, hit));
  const message = `${names.length} configs in one folder: ${names.join(', ')}`;
  return notLoaded([{ message, mend: 'keep one of them, or say which with `-c FILE`' }]);
}

/**
 * The config that is data, found by plain names alone: to search or to read it runs no code of the folder, where cosmiconfig loads
 * settings of its own. Undefined where none is, or where it takes more to say which one counts.
 */
export function findDataConfig({ folder, explicit }: Omit<LoadRequest, 'cacheFolder'>): string | undefined {
  const found =
    explicit === undefined ? findPlainConfig(folder) : { hits: [resolve(folder, explicit)] as const };
  if (found === undefined || !('hits' in found)) return undefined;
  const [path] = found.hits;
  return DATA.has(extname(path)) ? path : undefined;
}

/** A gate of the loop's own `gates` folder, else of the library that ships; undefined when neither has it. */
export async function loadGate(request: GateRequest): Promise<LoadedGate | NotLoaded | undefined> {
  const found = findGate(request);
  if (found === undefined || 'problems' in found) return found;
  const cached = gateFromCache(found, request.cacheFolder);
  if (cached !== undefined) return cached;
  const { path, file, text, from } = found;
  const { parseGateFile } = await import('../core/config/parse.ts');
  const checked: Checked<GateFile> = parseGateFile(text, file);
  if (checked.problems) return notLoaded(checked.problems, file, text);
  keep({ cacheFolder: request.cacheFolder, path, text }, checked.value);
  return { file, text, gate: checked.value, from };
}

/** The same answer without waiting, when the gate file was checked before. */
export function loadGateCached(request: GateRequest): LoadedGate | undefined {
  const found = findGate(request);
  return found === undefined || 'problems' in found ? undefined : gateFromCache(found, request.cacheFolder);
}

function gateFromCache(
  { path, file, text, from }: FoundGate,
  folder: string | undefined,
): LoadedGate | undefined {
  const json = kept({ cacheFolder: folder, path, text });
  if (json === undefined) return undefined;
  const gate: GateFile = JSON.parse(json);
  return { file, text, gate, from };
}

/** Names of the gate files in a loop's own `gates` folder. */
export function ownGates(folder: string): readonly string[] {
  return gatesIn(join(folder, 'gates'));
}

/** The names that `uses` may say: the loop's own gates first, then those of the library. */
export function usableGates(folder: string): readonly string[] {
  return [...ownGates(folder), ...gatesIn(join(packageFolder(), 'gates'))];
}

function gatesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return names.map((name) => name.slice(0, -'.yaml'.length)).toSorted();
  } catch {
    return [];
  }
}

interface FoundGate {
  readonly path: string;
  readonly file: string;
  readonly text: string;
  readonly from: 'loop' | 'library';
}

function findGate({ name, folder }: GateRequest): FoundGate | NotLoaded | undefined {
  if (!GATE_NAME.test(name)) return undefined;
  const places = [
    { from: 'loop', path: join(folder, 'gates', `${name}.yaml`) },
    { from: 'library', path: join(packageFolder(), 'gates', `${name}.yaml`) },
  ] as const;
  for (const { from, path } of places) {
    if (!existsSync(path)) continue;
    const file = nameFrom(folder, path);
    const read = readText(path, file);
    return 'problems' in read ? read : { path, file, text: read.text, from };
  }
  return undefined;
}

async function loadCode(
  path: string,
  place: { file: string; folder: string },
): Promise<LoadedConfig | NotLoaded> {
  const { file } = place;
  try {
    const loaded: { default?: unknown } = await import(pathToFileURL(path).href);
    if (loaded.default === undefined) {
      const mend = 'write `export default defineConfig({ … })`';
      return notLoaded([{ file, message: 'there is no default export', mend }]);
    }
    const { checkConfig } = await import('../core/config/parse.ts');
    const checked = checkConfig(loaded.default, file);
    return checked.problems ? withRest(checked, place) : { ...place, config: checked.value };
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}` : String(error);
    return notLoaded([
      { file, message: `it could not be loaded: ${why}`, mend: `try it alone: node ${file}` },
    ]);
  }
}

function withRest(
  { problems = [], rest }: CheckedConfig,
  { file, folder, text }: Pick<LoadedConfig, 'file' | 'folder' | 'text'>,
): NotLoaded {
  const spoilt = notLoaded(problems, file, text);
  if (rest === undefined) return spoilt;
  return { ...spoilt, rest: { file, folder, config: rest.value, explains: rest.explains } };
}

function readText(path: string, file: string): { readonly text: string } | NotLoaded {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return notLoaded([{ file, message: 'this is no file', mend: 'name a config file' }]);
    if (stat.size > MAX_BYTES) {
      const message = `the file has ${Math.round(stat.size / 1024)} KiB; a config may have 256 KiB`;
      return notLoaded([{ file, message, mend: 'keep data out of the config, in files of its own' }]);
    }
    const text = readFileSync(path, 'utf8');
    const odd = text.indexOf('\uFFFD');
    if (odd < 0) return { text };
    const message = 'this is not UTF-8';
    return notLoaded([{ file, range: [odd, odd + 1], message, mend: 'save the file as UTF-8' }], file, text);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return notLoaded([
      { file, message: `it could not be read: ${why}`, mend: 'check that it is there and readable' },
    ]);
  }
}

/** A path as a person in this folder would write it. */
function nameFrom(folder: string, path: string): string {
  const name = relative(folder, path);
  return name.startsWith(join('..', '..', '..')) || isAbsolute(name) ? path : name;
}

function notLoaded(problems: readonly Problem[], file?: string, text?: string): NotLoaded {
  return { problems, texts: new Map(file === undefined || text === undefined ? [] : [[file, text]]) };
}
