// `loop` as written → as planned: which mode, when the next cycle is due, where a stop is looked for.

import type { ConfigFile, LoopConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { isMap } from '../is-map.ts';
import type { Draft } from './draft.ts';
import type { Flags } from './flags.ts';
import { readFactor } from './limits.ts';
import { DEFAULT_LOOP } from './loop.ts';
import { unknownWord } from './names.ts';
import { absolute, ownPaths } from './own-paths.ts';
import type { BackoffPlan, LoopPlan, Mode, Plan, RestRule } from './plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

/** What only a calendar knows; a library is behind it, so it is asked only where a calendar is written. */
export interface Schedules {
  /** Of the machine. */
  readonly timezone: () => string;
  /** What is wrong with a calendar, and on which of its two keys; undefined when it will fire. */
  readonly problem: (expression: string, timezone: string) => ScheduleProblem | undefined;
}

export interface ScheduleProblem {
  readonly key: 'cron' | 'timezone';
  readonly message: string;
  readonly mend?: string;
}

interface Around {
  readonly schedules: Schedules | undefined;
  readonly file: string | undefined;
  readonly outputs: Pick<Plan, 'state' | 'questions' | 'reporters'>;
}

export function readLoop(draft: Draft, { schedules, file, outputs }: Around): LoopPlan {
  const { settings, fixed, problems, flags } = draft;
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const loop: LoopConfig = settings.top.loop ?? {};
  const mode = modeOf(flags);
  const usual = mode === 'iterations' ? 0 : DEFAULT_LOOP.sleepMs;
  const stopFile = readStopFile(loop['stop-file'], reader);
  refuseStopFile(stopFile, { file, outputs }, reader);
  return {
    mode,
    sleepMs: reader.duration(loop.sleep, ['loop', 'sleep'], usual),
    cron: readCron(draft, reader, schedules),
    rest: { ...DEFAULT_LOOP.rest, ...readRest(loop.rest, reader), ...sleepFirst(draft) },
    backoff: readBackoff(draft, reader),
    stopFile,
    overlap: readOverlap(loop.overlap, reader),
  };
}

/** The flags alone say whether cycles follow one another; the file says how. */
export function modeOf({ continuous, iterations, maxRuntime, targets = [] }: Flags): Mode {
  if (iterations !== undefined) return 'iterations';
  const isLoop = continuous === true || maxRuntime !== undefined || targets.length > 0;
  return isLoop ? 'continuous' : 'once';
}

/** The layer nearest to the person decides between a pause and a calendar; both in one layer contradict each other. */
function readCron(
  { settings, warnings }: Draft,
  reader: Reader,
  schedules: Schedules | undefined,
): LoopPlan['cron'] {
  const { cron, timezone } = settings.top.loop ?? {};
  if (cron === undefined) {
    if (timezone !== undefined)
      warnings.push({
        path: ['loop', 'timezone'],
        on: 'key',
        message: '`timezone` means nothing without `cron`',
      });
    return undefined;
  }
  const deciding = settings.layers.map(({ value }) => value['loop']).filter(isMap);
  const last = deciding.findLast((keys) => keys['sleep'] !== undefined || keys['cron'] !== undefined);
  if (last?.['cron'] === undefined) return undefined;
  if (last['sleep'] !== undefined)
    reader.say(['loop', 'sleep'], '`cron` takes the place of `sleep`', {
      on: 'key',
      mend: 'keep one of them',
    });
  const expression = reader.text(cron, ['loop', 'cron']);
  const zone = timezone === undefined ? schedules?.timezone() : reader.text(timezone, ['loop', 'timezone']);
  if (expression === undefined || (timezone !== undefined && zone === undefined)) return undefined;
  const wanted = { expression: expression.trim(), timezone: zone ?? 'UTC' };
  const wrong = schedules?.problem(wanted.expression, wanted.timezone);
  if (wrong)
    reader.say(['loop', wrong.key], wrong.message, wrong.mend === undefined ? {} : { mend: wrong.mend });
  return wanted;
}

function readRest(written: LoopConfig['rest'] = {}, reader: Reader): Readonly<Record<string, RestRule>> {
  const rules = Object.entries(written).flatMap(([key, value]): readonly (readonly [string, RestRule])[] => {
    const path = ['loop', 'rest', key];
    const text = reader.text(value, path);
    if (text === undefined) return [];
    if (text === 'sleep' || text === 'backoff' || text === 'reset') return [[key, text]];
    return [[key, reader.duration(text, path, 0)]];
  });
  return Object.fromEntries(rules);
}

/** After a pass a pause from nearer to the person than the rule goes before it; in one layer the rule does. */
function sleepFirst({ settings, sources }: Draft): { readonly passed?: 'sleep' } {
  const homes = settings.layers.map(({ value }) => (isMap(value['loop']) ? value['loop'] : {}));
  const ruled = homes.findLastIndex(({ rest }) => isMap(rest) && rest['passed'] !== undefined);
  const slept = homes.findLastIndex(({ sleep, cron }) => sleep !== undefined || cron !== undefined);
  const nearest = settings.layers[slept];
  if (ruled < 0 || slept <= ruled || nearest === undefined) return {};
  sources['loop.rest.passed'] = nearest.source;
  return { passed: 'sleep' };
}

/** A longest pause from a nearer layer than the first one shortens that too; in one layer the two contradict each other. */
function readBackoff({ settings }: Draft, reader: Reader): BackoffPlan {
  const { from, factor, max, jitter } = settings.top.loop?.backoff ?? {};
  const usual = DEFAULT_LOOP.backoff;
  const maxMs = reader.duration(max, inBackoff('max'), usual.maxMs);
  const fromMs = reader.duration(from, inBackoff('from'), Math.min(usual.fromMs, maxMs));
  const homes = settings.layers.map(({ value }) =>
    isMap(value['loop']) ? value['loop']['backoff'] : undefined,
  );
  const layerOf = (key: string) => homes.findLastIndex((home) => isMap(home) && home[key] !== undefined);
  if (fromMs > maxMs && layerOf('max') <= layerOf('from')) {
    const mend = 'the first pause is at most as long as the longest';
    reader.say(inBackoff('from'), '`from` is longer than `max`', { mend });
  }
  return {
    fromMs: Math.min(fromMs, maxMs),
    factor: readFactor(factor, inBackoff('factor'), reader) ?? usual.factor,
    maxMs,
    jitter: reader.flag(jitter, inBackoff('jitter'), usual.jitter),
  };
}

function inBackoff(key: string): Path {
  return ['loop', 'backoff', key];
}

function readStopFile(written: string | undefined, reader: Reader): string {
  const path = ['loop', 'stop-file'];
  const text = written === undefined ? undefined : reader.text(written, path);
  if (text === undefined) return DEFAULT_LOOP.stopFile;
  if (text.trim() === '') reader.say(path, 'an empty path');
  if (!text.endsWith('/') && !/(^|\/)\.{1,2}$/.test(text)) return text;
  reader.say(path, `\`${text}\` is a folder`, { mend: 'name a file that is not there' });
  return DEFAULT_LOOP.stopFile;
}

/** Anything at that path is a stop, so nothing that a run makes itself, or stands on, may be there. */
function refuseStopFile(
  stopFile: string,
  { file, outputs }: Pick<Around, 'file' | 'outputs'>,
  reader: Reader,
): void {
  const stop = absolute(stopFile);
  const taken = ownPaths(outputs, file).find(
    ([path]) => absolute(path) === stop || absolute(path).startsWith(`${stop}/`),
  );
  if (!taken) return;
  const [path, what] = taken;
  const message = absolute(path) === stop ? `\`${stopFile}\` is ${what}` : `${what} lies in \`${stopFile}\``;
  reader.say(['loop', 'stop-file'], `${message}, so every run would be stopped`, {
    mend: 'name a file that nothing else makes',
  });
}

function readOverlap(
  written: NonNullable<ConfigFile['loop']>['overlap'],
  reader: Reader,
): LoopPlan['overlap'] {
  const path = ['loop', 'overlap'];
  const text = written === undefined ? undefined : reader.text(written, path);
  const known = OVERLAPS.find((word) => word === text);
  if (text !== undefined && known === undefined)
    reader.say(path, unknownWord('word', text, OVERLAPS), { mend: 'write `skip`, `queue` or `replace`' });
  return known ?? DEFAULT_LOOP.overlap;
}

const OVERLAPS = ['skip', 'queue', 'replace'] as const;
