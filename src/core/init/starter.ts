// The text of a first `loop.config.yaml`, out of what a folder was seen to hold.
// It says nothing that does not work yet, and never more than the folder shows.

import { found, manifestOf, type Folder, type Job, type Suggestion } from './folder.ts';

export interface Starter {
  readonly text: string;
  /** One line for each gate: what it is and where it was seen. */
  readonly gates: readonly string[];
  /** What was seen and left out, with the reason. */
  readonly left: readonly string[];
  /** How this folder starts gate-run. */
  readonly command: string;
}

export function starter(folder: Folder): Starter {
  const { suggestions, left } = found(folder);
  const inNode = folder.files.has('package.json');
  const command = inNode ? 'npx gate-run' : 'gate-run';
  const check = suggestions.filter(({ job }) => job !== 'coverage');
  const measure = suggestions.filter(({ job }) => job === 'coverage');
  const lines = [
    ...(inNode ? ['# yaml-language-server: $schema=./node_modules/gate-run/schema/loop.schema.json'] : []),
    `# Try:  ${command}   (one cycle)   ${command} plan   (what would run, and why)`,
    'version: 1',
    `name: ${scalar(loopName(folder))}`,
    '',
    'phases:',
    ...(check.length > 0 ? phase('check', ordered(check), suggestions) : []),
    ...(measure.length > 0 ? phase('measure', measure, suggestions) : []),
    ...(suggestions.length === 0 ? NOTHING_FOUND : []),
    '',
    ...hints(suggestions, command),
  ];
  return {
    text: `${lines.join('\n')}\n`,
    gates: suggestions.map(told),
    left,
    command,
  };
}

function told({ job, how, from }: Suggestion): string {
  return `${job}: ${how.replace(/^run: /, '').replace(/^uses: (\w+).*$/, 'the gate $1 that ships')} (from ${from})`;
}

const COMMENT_COLUMN = 56;
/** A name stands in every line of a report. */
const MAX_NAME = 60;

/** Green in the first minute, and useful from the first edit on: the config watches over itself. */
const NOTHING_FOUND: readonly string[] = [
  '  check:',
  '    gates:',
  aligned('      validate: { uses: validate }', 'this file; nothing else was found to check'),
  '      # Your first gate, any command that exits with 0 when all is well:',
  '      # test: { run: ./test.sh }',
];

const ORDER: readonly Job[] = ['types', 'lint', 'format', 'build', 'check', 'test', 'pytest'];

function ordered(suggestions: readonly Suggestion[]): readonly Suggestion[] {
  return ORDER.flatMap((job) => suggestions.filter((suggestion) => suggestion.job === job));
}

function phase(id: string, gates: readonly Suggestion[], all: readonly Suggestion[]): readonly string[] {
  const builds = all.some(({ job }) => job === 'build');
  return [`  ${id}:`, '    gates:', ...gates.map((gate) => gateLine(gate, builds))];
}

function gateLine({ job, how, from }: Suggestion, builds: boolean): string {
  if (job === 'lint') {
    return aligned(`      lint: { ${how}, mode: soft }`, 'soft: shown and counted, does not fail the cycle');
  }
  // What is tested is often what was built, and two writers in one folder disturb each other.
  const needs = job === 'test' && builds ? 'needs: [build], ' : '';
  return aligned(`      ${job}: { ${needs}${how} }`, `from ${from}`);
}

function hints(suggestions: readonly Suggestion[], command: string): readonly string[] {
  const has = (job: Job): boolean => suggestions.some((suggestion) => suggestion.job === job);
  return [
    '# Next:',
    ...(has('lint')
      ? ['#   lint strict, for CI:   profiles: { ci: { gates: { lint: { mode: strict } } } }']
      : []),
    '#   a limit for each task: defaults: { timeout: 5m }',
    `#   is this file right?    ${command} check`,
  ];
}

function aligned(code: string, comment: string): string {
  return `${code.padEnd(COMMENT_COLUMN)} # ${comment}`;
}

/** The package's name without its scope, else the folder's; only what reads well in a report stays. */
function loopName(folder: Folder): string {
  const named = manifestOf(folder)?.['name'];
  for (const candidate of [typeof named === 'string' ? named.replace(/^@[^/]*\//, '') : '', folder.name]) {
    const readable = candidate.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-._]+|[-._]+$/g, '');
    const trimmed = Array.from(readable).slice(0, MAX_NAME).join('');
    if (trimmed !== '') return trimmed;
  }
  return 'my-loop';
}

/** Plain where every YAML reader takes it as text, in double quotes otherwise. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][\w.-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
