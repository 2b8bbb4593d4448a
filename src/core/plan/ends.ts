// `exit` and `marks` as written → as planned: which conditions end a run, and which are only said aloud.

import type { ConditionsConfig, ExitConfig, HalfOpenConfig, MarkConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { isMap } from '../is-map.ts';
import { partsOf, readCondition, type Use } from './condition.ts';
import { knowsAllGates, type Draft } from './draft.ts';
import { readExpression, type Expressions } from './expression.ts';
import { placeIn, type Layer, type Values } from './layer.ts';
import { NO_EXIT } from './loop.ts';
import { measuresOf, type Measures, type Resolved } from './measures.ts';
import { unknownWord } from './names.ts';
import type { Mode, PhasePlan, Plan, TaskPlan } from './plan.ts';
import type { Condition, ExitPlan, MarkPlan, Measure } from './ends-plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

/** Failed or broken cycles in a row after which nobody watches a loop any more. */
const USUAL_FAILURES = 5;
const HALF_OPEN_AFTER_MS = 30 * 60_000;
const HALF_OPEN_TIMES = 3;
const MOST_TIMES = 1000;

const WHEN: Path = ['exit', 'when'];

type Ends = Pick<Plan, 'ends' | 'marks'>;

interface Reading {
  readonly draft: Draft;
  readonly reader: Reader;
  readonly measures: Measures;
}

interface Around {
  readonly mode: Mode;
  readonly phases: readonly PhasePlan[];
  readonly expressions: Expressions | undefined;
}

/** Named tasks run once and end no run, and their plan knows no other task's metrics. */
export function readEnds(draft: Draft, { mode, phases, expressions }: Around): Ends {
  const { settings, fixed, problems, flags } = draft;
  if (flags.tasks.length > 0) return { ends: NO_EXIT, marks: [] };
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const tasks = phases.flatMap((phase) => phase.tasks);
  const isWhole = knowsAllGates(draft);
  const reading: Reading = {
    draft,
    reader,
    measures: measuresOf(phases, isWhole, settings.top.objective !== undefined),
  };
  const exit: ExitConfig = settings.top.exit ?? {};
  const budget = conditions(exit.budget, { use: 'budget', path: ['exit', 'budget'] }, reading);
  const giveUp = readGiveUp(exit['give-up'], mode, reading);
  const target = readTarget(exit.target, reading);
  const marks = Object.entries(settings.top.marks ?? {}).flatMap(([id, mark]) => readMark(id, mark, reading));
  const when = readExpression(exit.when, { path: WHEN, reader, measures: reading.measures, expressions });
  const halfOpen = readHalfOpen(exit['give-up'], reader);
  const ends: ExitPlan = { target, budget, giveUp, halfOpen, ...(when && { when }) };
  const isLoop = mode === 'continuous';
  if (isLoop) refuseEndless(ends, { tasks, isWhole }, reader);
  if (isLoop || isSwitchedOff(exit['give-up'])) warnOfEndless(ends, draft);
  warnOfSilence({ ends, marks }, tasks, draft);
  warnOfHaste(ends, draft);
  return { ends, marks };
}

interface Home {
  readonly use: Use;
  readonly path: Path;
}

function conditions(
  written: Readonly<Record<string, unknown>> = {},
  { use, path }: Home,
  { reader, measures }: Reading,
): readonly Condition[] {
  return Object.entries(written).flatMap(([name, value]): readonly Condition[] => {
    const here = [...path, name];
    if (value === 'never' && use !== 'mark') return [];
    if (typeof value !== 'string' && typeof value !== 'number') {
      reader.say(here, `expected a comparison, not a map`, { mend: `write such as \`${name}: 5\`` });
      return [];
    }
    const condition = readCondition(value, measures, { name, path: here, reader, use });
    return condition ? [condition] : [];
  });
}

function readGiveUp(written: ExitConfig['give-up'] = {}, mode: Mode, reading: Reading): readonly Condition[] {
  const { 'half-open': _halfOpen, ...rest } = written;
  const isUsual = mode === 'continuous' && rest['failures-in-a-row'] === undefined;
  const whole = isUsual ? { 'failures-in-a-row': USUAL_FAILURES, ...rest } : rest;
  return conditions(whole, { use: 'give-up', path: ['exit', 'give-up'] }, reading);
}

function readHalfOpen(written: ExitConfig['give-up'], reader: Reader): ExitPlan['halfOpen'] {
  const path = ['exit', 'give-up', 'half-open'];
  const halfOpen = written?.['half-open'];
  if (halfOpen === undefined || halfOpen === 'never') return undefined;
  if (!isHalfOpen(halfOpen)) {
    reader.say(path, `\`${halfOpen}\` is no pause and no number of tries`, {
      mend: 'write `half-open: { after: 30m, times: 3 }`',
    });
    return undefined;
  }
  const afterMs = reader.duration(halfOpen.after, [...path, 'after'], HALF_OPEN_AFTER_MS);
  if (afterMs === 0) reader.say([...path, 'after'], 'a try after no pause at all');
  const bounds = { from: 1, to: MOST_TIMES, otherwise: HALF_OPEN_TIMES };
  return { afterMs, times: reader.count(halfOpen.times, [...path, 'times'], bounds) };
}

function isHalfOpen(written: string | number | HalfOpenConfig): written is HalfOpenConfig {
  return isMap(written);
}

/** A flag replaces what the file says of the same measure, under whichever of its names. */
function readTarget(written: ConditionsConfig = {}, reading: Reading): readonly Condition[] {
  const { layers } = reading.draft.settings;
  const found = Object.entries(written).flatMap(([name, value]) => {
    const isFlag = layers.some((layer) => isTargetFlag(layer) && targetsIn(layer)[name] === value);
    const whole = isFlag ? flaggedTarget(String(value), name, reading) : value;
    const read = conditions({ [name]: whole }, { use: 'target', path: ['exit', 'target'] }, reading);
    return read.map((condition) => ({ condition, isFlag, key: JSON.stringify(condition.measure) }));
  });
  const flagged = new Set(found.filter(({ isFlag }) => isFlag).map(({ key }) => key));
  return found.filter(({ isFlag, key }) => isFlag || !flagged.has(key)).map(({ condition }) => condition);
}

/** `--target edge=527` has no operator: the file's stays, else what is strictly better is meant. */
function flaggedTarget(text: string, name: string, { draft, measures }: Reading): string {
  const parts = partsOf(text);
  if (!parts || parts.operator !== undefined) return text;
  const meant = measures.peek(name);
  const below = draft.settings.layers
    .filter((layer) => !isTargetFlag(layer))
    .flatMap((layer) => Object.entries(targetsIn(layer)));
  const same = below.findLast(([other]) => isSame(measures.peek(other), meant) || other === name);
  const before = same && partsOf(String(same[1]));
  const operator = before?.operator ?? usualOperator(meant);
  const over = parts.over ?? before?.over;
  return `${operator} ${parts.amount}${over === undefined ? '' : ` over ${over}`}`;
}

function usualOperator(meant: Resolved | undefined): Condition['operator'] {
  if (meant?.measure.kind !== 'metric') return '>=';
  return meant.better === 'lower' ? '<' : '>';
}

function isSame(one: Resolved | undefined, other: Resolved | undefined): boolean {
  return one !== undefined && JSON.stringify(one.measure) === JSON.stringify(other?.measure);
}

function isTargetFlag({ file }: Layer): boolean {
  return file?.startsWith('--target ') ?? false;
}

function targetsIn({ value }: Layer): Values {
  const exit = value['exit'];
  const target = isMap(exit) ? exit['target'] : undefined;
  return isMap(target) ? target : {};
}

function readMark(id: string, written: MarkConfig, reading: Reading): readonly MarkPlan[] {
  const { reader } = reading;
  const path = ['marks', id];
  const all = conditions(written.all, { use: 'mark', path: [...path, 'all'] }, reading);
  const any = conditions(written.any, { use: 'mark', path: [...path, 'any'] }, reading);
  if (Object.keys({ ...written.all, ...written.any }).length === 0) {
    const mend = 'write such as `all: { cycles: ">= 50" }`';
    reader.say(path, 'a mark that waits for nothing', { on: 'key', mend });
  }
  const level = LEVELS.find((known) => known === written.level);
  if (written.level !== undefined && level === undefined)
    reader.say([...path, 'level'], unknownWord('level', written.level, LEVELS), {
      mend: `write ${LEVELS.join(', ')}`,
    });
  return [{ id, level: level ?? 'info', all, any }];
}

const LEVELS = ['info', 'warning', 'critical'] as const;

/** At least one limit always holds; a target may never be met, and what nobody measures limits nothing. */
function refuseEndless(
  { budget, giveUp }: ExitPlan,
  { tasks, isWhole }: { readonly tasks: readonly TaskPlan[]; readonly isWhole: boolean },
  reader: Reader,
): void {
  const limits = [...budget, ...giveUp];
  if (limits.some(({ measure }) => !isWhole || whySilent(measure, tasks) === undefined)) return;
  const why =
    limits.length === 0
      ? 'no budget, and every give-up is switched off'
      : 'nobody measures what its budget and its give-up look at';
  const mend = 'write `budget: { runtime: 10h }`, or leave `give-up` its `failures-in-a-row`';
  reader.say(['exit', 'give-up'], `nothing would ever end this loop: ${why}`, { mend });
}

/** Those that a loop in which nothing passes is sure to come to. */
const SURE: ReadonlySet<Measure['kind']> = new Set([
  'cycles',
  'runtime',
  'failures-in-a-row',
  'failure-rate',
]);

function isSwitchedOff(giveUp: ExitConfig['give-up']): boolean {
  return giveUp?.['failures-in-a-row'] === 'never';
}

function warnOfEndless({ budget, giveUp }: ExitPlan, { warnings, settings }: Draft): void {
  if ([...budget, ...giveUp].some(({ measure }) => SURE.has(measure.kind))) return;
  warnings.push({
    ...placeIn(settings.layers, ['exit', 'give-up']),
    message:
      'a continuous loop that fails again and again may never end: no limit here is sure to be reached',
    mend: 'write `budget: { runtime: 10h }`, or leave `give-up` its `failures-in-a-row`',
  });
}

/** One failure at the start is every cycle so far. */
function warnOfHaste({ giveUp }: ExitPlan, { warnings, settings }: Draft): void {
  for (const { name, measure, over } of giveUp) {
    if (measure.kind !== 'failure-rate' || over !== undefined) continue;
    const place = placeIn(settings.layers, ['exit', 'give-up', name]);
    const message = `\`${name}\` without \`over\` counts from the first cycle on, so that one failure there is 100%`;
    warnings.push({ ...place, message, mend: 'write such as "> 80% over 30"' });
  }
}

/** A condition over what no task reports is unknown for ever, and unknown satisfies nothing. */
function warnOfSilence(
  { ends, marks }: Ends,
  tasks: readonly TaskPlan[],
  { warnings, settings }: Draft,
): void {
  const written: readonly (readonly [path: Path, conditions: readonly Condition[]])[] = [
    [['exit', 'target'], ends.target],
    [['exit', 'budget'], ends.budget],
    [['exit', 'give-up'], ends.giveUp],
    ...marks.flatMap(({ id, all, any }) => [
      [['marks', id, 'all'], all] as const,
      [['marks', id, 'any'], any] as const,
    ]),
  ];
  const warn = (path: Path, name: string, measure: Measure) => {
    const why = whySilent(measure, tasks);
    if (why === undefined) return;
    const message = `${why}, so \`${name}\` is unknown for ever and ends nothing`;
    warnings.push({ ...placeIn(settings.layers, path), on: 'key', message });
  };
  for (const [path, held] of written)
    for (const { name, measure } of held) warn([...path, name], name, measure);
  for (const { name, measure } of ends.when?.reads ?? []) warn(WHEN, name, measure);
}

function whySilent(measure: Measure, tasks: readonly TaskPlan[]): string | undefined {
  const { kind } = measure;
  if (kind === 'tokens' || kind === 'cost') {
    const isTold = tasks.some(({ metrics }) => metrics.some(({ name }) => name === kind));
    return isTold ? undefined : `no task has a metric \`${kind}\``;
  }
  // What was best before this run stays known.
  if (kind !== 'metric' || measure.statistic === 'best') return undefined;
  const owner = tasks.find(({ id }) => measure.key.startsWith(`${id}.`));
  return owner?.leftOut === undefined ? undefined : `the task \`${owner.id}\` is left out (${owner.leftOut})`;
}
