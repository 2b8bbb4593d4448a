// `{{name}}` in texts: which names exist, when each is known, and putting values in. It never builds a command.

import { nearest } from '../config/nearest.ts';

/** Known only while a cycle runs; they may stand in commands, `env`, `cwd`, `stdin` and paths of evidence. */
export const RUNTIME_NAMES: Readonly<Record<string, string | undefined>> = {
  cycle: 'GATE_CYCLE',
  'cycle.dir': 'GATE_CYCLE_DIR',
  'cycle.file': undefined,
  run: 'GATE_RUN',
  phase: 'GATE_PHASE',
  task: 'GATE_TASK',
  attempt: 'GATE_ATTEMPT',
  seed: 'GATE_SEED',
  count: 'GATE_COUNT',
  'state.dir': 'GATE_STATE',
  'champion.dir': 'GATE_CHAMPION_DIR',
  'champion.cycle': 'GATE_CHAMPION_CYCLE',
  'champion.value': 'GATE_CHAMPION_VALUE',
  'gate-run.node': undefined,
  'gate-run.bin': undefined,
};

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Puts values in, in one pass: a value is never looked at again, so what it holds can name nothing.
 * A name without a value becomes the empty text; `namesIn` tells beforehand.
 */
export function fill(template: string, values: (name: string) => string | undefined): string {
  if (!template.includes('{{')) return template;
  return template.replace(PLACEHOLDER, (_, name: string) => values(name) ?? '');
}

/** The names in a text, in order, with repetitions. */
export function namesIn(template: string): readonly string[] {
  if (!template.includes('{{')) return [];
  return Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] ?? '');
}

/** The text without its placeholders. A `{{` that is left was never closed. */
export function outsidePlaceholders(template: string): string {
  return template.includes('{{') ? template.replace(PLACEHOLDER, '') : template;
}

/** `GATE_VAR_MAX_DRAWDOWN` for `max-drawdown`. */
export function variableName(
  prefix: 'GATE_VAR_' | 'GATE_METRIC_' | 'GATE_CHAMPION_' | 'GATE_RUN_VAR_',
  name: string,
): string {
  return prefix + name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

export interface Clash {
  readonly name: string;
  /** Who had the variable already. */
  readonly first: string;
  readonly variable: string;
}

/** Names that would be one environment variable: the value of one would stand under the name of the other. */
export function clashes(prefix: 'GATE_VAR_' | 'GATE_METRIC_', names: Iterable<string>): readonly Clash[] {
  const firsts = new Map<string, string>();
  const found: Clash[] = [];
  for (const name of names) {
    const variable = variableName(prefix, name);
    const first = firsts.get(variable);
    if (first === undefined) firsts.set(variable, name);
    else found.push({ name, first, variable });
  }
  return found;
}

export const CLASH_MEND = 'rename one of them';

/** The environment variable that holds the same value in every task; undefined where there is none. */
export function variableOf(name: string): string | undefined {
  if (name === 'goal') return 'GATE_GOAL';
  if (name.startsWith('vars.')) return variableName('GATE_VAR_', name.slice('vars.'.length));
  if (name.startsWith('metrics.')) return variableName('GATE_METRIC_', name.slice('metrics.'.length));
  if (Object.hasOwn(RUNTIME_NAMES, name)) return RUNTIME_NAMES[name];
  return name.startsWith('champion.')
    ? variableName('GATE_CHAMPION_', name.slice('champion.'.length))
    : undefined;
}

const NOT_BUILT = /^tasks\.[^.]+\.message$/;

/** What is wrong with a name that is not known. */
export function unknownName(name: string, known: readonly string[]): { message: string; mend?: string } {
  if (NOT_BUILT.test(name)) return { message: `\`{{${name}}}\` is not built yet` };
  if (name === '') return { message: '`{{}}` names nothing' };
  if (name.startsWith('champion.') && !known.includes('champion.dir'))
    return { message: `\`{{${name}}}\`: nothing is crowned`, mend: OBJECTIVE_MEND };
  const near = nearest(name, known);
  if (near !== undefined) return { message: `unknown name \`{{${name}}}\` — did you mean \`{{${near}}}\`?` };
  return {
    message: `unknown name \`{{${name}}}\``,
    mend: `known are ${known.slice(0, NAMES_SHOWN).join(', ')}`,
  };
}

const NAMES_SHOWN = 24;
export const OBJECTIVE_MEND = 'write such as `objective: { metric: edge, min-delta: 0.5 }`';
