// What a folder offers to be checked with: scripts, targets and test settings that are there already.
// It reads texts it is given; nothing is guessed that the folder does not show.

import { isMap } from '../is-map.ts';

/** What `init` looked at, by path relative to the folder; the text is empty where only the name matters. */
export interface Folder {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

export type Job = 'types' | 'lint' | 'format' | 'build' | 'check' | 'test' | 'pytest' | 'coverage';

/** A gate that the folder itself suggests. */
export interface Suggestion {
  readonly job: Job;
  /** `run: npm run -s lint` or `uses: coverage`, as YAML inside `{ }`. */
  readonly how: string;
  /** Where it was seen: `package.json`, `Makefile` … */
  readonly from: string;
}

export interface Found {
  readonly suggestions: readonly Suggestion[];
  /** What was seen and left out, each with its reason, for people. */
  readonly left: readonly string[];
}

/** Files whose text is read; more would be a search, not a look. */
export const TEXTS: readonly string[] = [
  'package.json',
  'Makefile',
  'makefile',
  'GNUmakefile',
  'pyproject.toml',
  'setup.cfg',
  'tox.ini',
];

/** Files whose presence is enough. */
export const NAMES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'tsconfig.json',
  'pytest.ini',
  'src',
];

export function found(folder: Folder): Found {
  const left: string[] = [];
  const byJob = new Map<Job, Suggestion>();
  for (const suggestion of [
    ...fromPackage(folder, left),
    ...fromMakefile(folder, left),
    ...fromPython(folder),
    ...fromTypeScript(folder),
  ]) {
    const taken = byJob.get(suggestion.job);
    if (taken === undefined) byJob.set(suggestion.job, suggestion);
    else if (taken.from !== suggestion.from) {
      left.push(`${suggestion.job} of ${suggestion.from}: ${taken.from} has one already`);
    }
  }
  return { suggestions: [...byJob.values()], left };
}

const COVERAGE = 'uses: coverage, with: { at-least: 80 }';

/** Script names people give to each job, the likeliest first. */
const SCRIPTS: readonly (readonly [job: Job, names: readonly string[]])[] = [
  ['types', ['typecheck', 'type-check', 'types', 'check-types', 'check:types', 'tsc']],
  ['lint', ['lint', 'check:lint', 'lint:check']],
  ['format', ['format:check', 'check:format', 'format-check', 'fmt:check', 'check-format', 'prettier:check']],
  ['build', ['build', 'compile']],
  ['test', ['test', 'test:unit', 'unit']],
  ['coverage', ['coverage', 'test:coverage', 'test:cov']],
];

function fromPackage(folder: Folder, left: string[]): readonly Suggestion[] {
  if (!folder.files.has('package.json')) return [];
  const manifest = manifestOf(folder);
  if (manifest === undefined) {
    left.push('package.json: it is not valid JSON');
    return [];
  }
  const scripts = asRecord(manifest['scripts']) ?? {};
  const runner = packageRunner(folder, manifest['packageManager']);
  const from = 'package.json';
  const suggestions: Suggestion[] = [];
  if (hasDependency(manifest, 'vitest') && hasDependency(manifest, '@vitest/coverage-v8')) {
    if (folder.files.has('src')) suggestions.push({ job: 'coverage', how: COVERAGE, from });
    else left.push('coverage of package.json: no folder `src` says which files are to be covered');
  }
  for (const [job, names] of SCRIPTS) {
    for (const name of names) {
      const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
      if (typeof script !== 'string' || script.trim() === '') continue;
      const reason = unfit(script);
      if (reason === undefined) {
        suggestions.push({ job, how: `run: ${runner} ${name}`, from });
        break;
      }
      left.push(`script ${name} of package.json: ${reason}`);
    }
  }
  return suggestions;
}

/** Why a script cannot be a gate: it would never end, never pass, or start gate-run in gate-run. */
function unfit(script: string): string | undefined {
  if (/no test specified/.test(script)) return 'it is what npm writes when there are no tests';
  if (/(?:^|\s)--?watch(?:All)?(?![\w-]|=false)/.test(script)) return 'it watches, so it would never end';
  if (/(?:^|[\s;&|/])gate-run(?:$|[\s;&|])/.test(script))
    return 'it calls gate-run, which would start itself';
  return undefined;
}

function packageRunner(folder: Folder, packageManager: unknown): string {
  const named = typeof packageManager === 'string' ? packageManager.split('@')[0] : undefined;
  const seen = (name: string): boolean => folder.files.has(name);
  if (named === 'pnpm' || (named === undefined && seen('pnpm-lock.yaml'))) return 'pnpm -s run';
  if (named === 'yarn' || (named === undefined && seen('yarn.lock'))) return 'yarn run';
  if (named === 'bun' || (named === undefined && (seen('bun.lock') || seen('bun.lockb')))) return 'bun run';
  return 'npm run -s';
}

/** Targets that people expect to pass; `all` and the rest may do anything. */
const TARGETS: readonly Job[] = ['lint', 'build', 'check', 'test', 'coverage'];

function fromMakefile(folder: Folder, left: string[]): readonly Suggestion[] {
  // The order in which make itself looks.
  const from = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => folder.files.has(name));
  if (from === undefined) return [];
  const recipes = makeRecipes(folder.files.get(from) ?? '');
  return TARGETS.flatMap((job) => {
    const recipe = recipes.get(job);
    if (recipe === undefined) return [];
    const reason = unfit(recipe);
    if (reason === undefined) return [{ job, how: `run: make ${job}`, from }];
    left.push(`target ${job} of ${from}: ${reason}`);
    return [];
  });
}

/** Recipe by target, empty where a target has none of its own. */
function makeRecipes(text: string): ReadonlyMap<string, string> {
  const recipes = new Map<string, string>();
  let open: readonly string[] = [];
  for (const line of text.split('\n')) {
    const rule = /^([^\s#:=][^#:=]*?)\s*::?(?![:=])/.exec(line);
    if (rule !== null) open = rule[1]?.split(/\s+/) ?? [];
    const recipe = line.startsWith('\t') ? line : '';
    for (const target of open) recipes.set(target, `${recipes.get(target) ?? ''}\n${recipe}`);
  }
  return recipes;
}

function fromPython(folder: Folder): readonly Suggestion[] {
  const settings: readonly (readonly [file: string, sign: RegExp])[] = [
    ['pytest.ini', /^/],
    ['pyproject.toml', /^\[tool\.pytest|["']pytest\b/m],
    ['setup.cfg', /^\[tool:pytest\]/m],
    ['tox.ini', /^\[pytest\]/m],
  ];
  const setting = settings.find(
    ([file, sign]) => sign.test(folder.files.get(file) ?? '\0') && folder.files.has(file),
  );
  const test = [...folder.files.keys()].find((path) =>
    /^(?:tests?\/)?(?:test_[^/]*|[^/]*_test)\.py$/.test(path),
  );
  const from = setting?.[0] ?? test;
  return from === undefined ? [] : [{ job: 'pytest', how: 'uses: pytest', from }];
}

/** A tsconfig.json without a script for it; the compiler has to be the folder's own. */
function fromTypeScript(folder: Folder): readonly Suggestion[] {
  const manifest = manifestOf(folder);
  if (!folder.files.has('tsconfig.json') || manifest === undefined) return [];
  return hasDependency(manifest, 'typescript')
    ? [{ job: 'types', how: 'uses: types', from: 'tsconfig.json' }]
    : [];
}

function hasDependency(manifest: Readonly<Record<string, unknown>>, name: string): boolean {
  return ['dependencies', 'devDependencies'].some((list) =>
    Object.hasOwn(asRecord(manifest[list]) ?? {}, name),
  );
}

/** package.json as an object; undefined when there is none that can be read. */
export function manifestOf(folder: Folder): Readonly<Record<string, unknown>> | undefined {
  try {
    // Editors on Windows put a byte order mark before the first brace.
    return asRecord(JSON.parse((folder.files.get('package.json') ?? '').replace(/^\uFEFF/, '')));
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isMap(value) ? value : undefined;
}
